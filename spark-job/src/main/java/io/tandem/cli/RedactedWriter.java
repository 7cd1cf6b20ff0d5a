package io.tandem.cli;

import io.tandem.spark.Redaction;
import java.io.FilterWriter;
import java.io.IOException;
import java.io.Writer;

/** Writes text without the secrets in it; a secret is found only if it is written in one piece. */
final class RedactedWriter extends FilterWriter {

  private final Redaction redaction;

  RedactedWriter(Writer out, Redaction redaction) {
    super(out);
    this.redaction = redaction;
  }

  @Override
  public void write(String text, int start, int length) throws IOException {
    String shown = redaction.text(text.substring(start, start + length));
    out.write(shown, 0, shown.length());
  }
}
