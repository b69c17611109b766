"""How an adaptive assessment chooses and stops, and what holds of single items: read and changed here."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from assessments.domain.bank import published_bank
from assessments.domain.delivery_rules import RulesRefused, set_delivery_rules, set_item_rules
from assessments.models import Assessment, Item
from frontend.author.access import author_of, authors_only
from frontend.author.measurement.assessments import find_assessment
from frontend.author.measurement.rule_forms import DeliveryRulesForm, ItemRulesForm
from frontend.author.measurement.words.rules import describe_refusal


@require_http_methods(["GET", "POST"])
@authors_only
def edit_assessment_rules(request: HttpRequest, code: str) -> HttpResponse:
    """Limits, stop rule, exposure, pretest share and blueprint; sittings that have begun keep theirs."""
    assessment = find_assessment(code)
    if assessment.mode != Assessment.Mode.ADAPTIVE:
        raise Http404
    bank = published_bank(recheck=True)
    form = DeliveryRulesForm(request.POST if request.method == "POST" else None, assessment=assessment, bank=bank)
    if form.is_valid():
        try:
            set_delivery_rules(assessment, author_of(request), bank, **form.settings())
        except RulesRefused as refused:
            form.add_error(None, describe_refusal(refused.field))
        else:
            messages.success(request, _("The rules are changed. Sittings that begin from now on follow them."))
            return redirect("author:assessment-quality", code)
    context = {"assessment": assessment, "form": form}
    return render(request, "author/measurement/assessment_rules.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@authors_only
def edit_item_rules(request: HttpRequest, code: str) -> HttpResponse:
    """Whether a question is a pretest item, its testlet and its enemies."""
    item = get_object_or_404(Item.objects.exclude(kind="simulation").select_related("competency"), code=code)
    form = ItemRulesForm(request.POST if request.method == "POST" else None, item=item)
    if form.is_valid():
        wanted = form.cleaned_data
        try:
            set_item_rules(
                item,
                author_of(request),
                pretest=wanted["pretest"],
                testlet=wanted["testlet"],
                enemies=form.enemy_items,
            )
        except RulesRefused as refused:
            form.add_error(refused.field, describe_refusal(refused.field))
        else:
            messages.success(request, _("The rules of the item are changed. They hold from the next question on."))
            return redirect("author:item-health", code)
    return render(
        request, "author/measurement/item_rules.html", {"item": item, "form": form}, status=422 if form.errors else 200
    )
