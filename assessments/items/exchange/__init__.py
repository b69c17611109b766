"""Questions in the formats of others: GIFT, Aiken, Moodle XML and QTI come in, GIFT and QTI 3 go out."""
