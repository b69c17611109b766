"""Tables that people bring: CSV and XLSX files read row by row, in bounded memory, trusting nothing. No database."""
