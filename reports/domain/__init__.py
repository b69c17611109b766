"""Operations on gap cells and on the reports read from them."""
