"""How many items the adaptive test needs beside a fixed form, an SE stop and Pix's flash rule."""
