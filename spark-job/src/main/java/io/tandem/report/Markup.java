package io.tandem.report;

import java.util.Locale;

/** Text as HTML and SVG take it. */
final class Markup {

  private static final char UNKNOWN = '\ufffd';

  private Markup() {}

  /**
   * Returns {@code text} so that it stays text between tags and in quoted attributes, whatever it
   * holds. Characters that no document may hold become the one that stands for them.
   */
  static String escaped(String text) {
    StringBuilder escaped = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            character -> {
              switch (character) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> {
                  if (isLegal(character)) {
                    escaped.appendCodePoint(character);
                  } else {
                    escaped.append(UNKNOWN);
                  }
                }
              }
            });
    return escaped.toString();
  }

  /** Says whether XML 1.0 and HTML allow a character: no controls, no halves of pairs. */
  private static boolean isLegal(int character) {
    if (character < ' ') {
      return character == '\t' || character == '\n';
    }
    return !(character >= 0x7f && character < 0xa0)
        && !(character >= 0xd800 && character < 0xe000)
        && (character & 0xfffe) != 0xfffe;
  }

  /** Returns a text of a template and values, none of which are escaped here. */
  static String format(String template, Object... values) {
    return String.format(Locale.ROOT, template, values);
  }
}
