package io.tandem.report;

import java.util.List;
import java.util.Locale;

/**
 * Frame of a chart, and the SVG that is made of it. Colours and sizes of letters come from {@link
 * #STYLE}, which the page or {@link Chart#file} brings. Not thread-safe.
 */
final class Plot {

  /** Colours of the series, after which they begin again. */
  static final int COLOURS = 8;

  /** What the classes in the SVG look like, in light and in dark. */
  static final String STYLE =
      """
      .chart{--ink:#1d2733;--faint:#5a6673;--line:#d5dbe1;
        --s0:#0072b2;--s1:#d55e00;--s2:#009e73;--s3:#b5548f;--s4:#b07800;--s5:#3b93c9;--s6:#6b5b95;--s7:#6f6f6f;
        font:12px system-ui,sans-serif;fill:var(--ink)}
      .chart text{fill:var(--ink)} .chart .tick{fill:var(--faint);font-size:11px}
      .chart .grid{stroke:var(--line);stroke-width:1;fill:none}
      .chart .line{fill:none;stroke-width:2;stroke-linejoin:round}
      .chart .error{fill:none;stroke-width:1.5} .chart .frontier{fill:none;stroke:var(--faint);stroke-dasharray:5 4;stroke-width:1.5}
      .chart .pause{stroke:var(--faint);stroke-dasharray:2 4;fill:none}
      .chart .f0{fill:var(--s0)}.chart .f1{fill:var(--s1)}.chart .f2{fill:var(--s2)}.chart .f3{fill:var(--s3)}
      .chart .f4{fill:var(--s4)}.chart .f5{fill:var(--s5)}.chart .f6{fill:var(--s6)}.chart .f7{fill:var(--s7)}
      .chart .t0{stroke:var(--s0)}.chart .t1{stroke:var(--s1)}.chart .t2{stroke:var(--s2)}.chart .t3{stroke:var(--s3)}
      .chart .t4{stroke:var(--s4)}.chart .t5{stroke:var(--s5)}.chart .t6{stroke:var(--s6)}.chart .t7{stroke:var(--s7)}
      @media (prefers-color-scheme:dark){.chart{--ink:#e6ebf0;--faint:#9fabb7;--line:#36414c;
        --s0:#4aa8e6;--s1:#ff8f4d;--s2:#2fcf9f;--s3:#ec9fcb;--s4:#f0bd4e;--s5:#8fd0f7;--s6:#b3a5e0;--s7:#b5b5b5}}
      """;

  private static final int WIDTH = 440;
  private static final int HEIGHT = 270;
  private static final int LEFT = 58;
  private static final int RIGHT = 14;
  private static final int BOTTOM = 46;
  private static final int TOP = 12;
  private static final int LEGEND_ROW = 18;

  /** Pixels of a letter, about. */
  private static final double LETTER = 6.6;

  private static final int LONGEST_NAME = 28;

  private final ChartText text;
  private final StringBuilder body = new StringBuilder();
  private int top = TOP;

  Plot(ChartText text) {
    this.text = text;
  }

  /** Puts a legend above the chart; comes first, because the chart gets what is left. */
  Plot legend(List<String> names) {
    double x = LEFT;
    for (int i = 0; i < names.size(); i++) {
      double width = 30 + LETTER * shortened(names.get(i)).length();
      if (x > LEFT && x + width > WIDTH - RIGHT) {
        x = LEFT;
        top += LEGEND_ROW;
      }
      add("<rect class='f%d' x='%s' y='%d' width='10' height='10'/>", i % COLOURS, at(x), top - 4);
      add(
          "<text x='%s' y='%d'>%s<title>%s</title></text>",
          at(x + 15),
          top + 5,
          Markup.escaped(shortened(names.get(i))),
          Markup.escaped(names.get(i)));
      x += width;
    }
    top += names.isEmpty() ? 0 : LEGEND_ROW;
    return this;
  }

  /** Draws lines and numbers of the vertical axis. */
  Plot vertical(Axis axis) {
    for (double tick : axis.ticks()) {
      double y = y(axis.share(tick));
      add("<path class='grid' d='M%d %sH%d'/>", LEFT, at(y), WIDTH - RIGHT);
      add(
          "<text class='tick' x='%d' y='%s' text-anchor='end'>%s</text>",
          LEFT - 6, at(y + 4), axis.label(tick));
    }
    add(
        "<text transform='translate(13 %s) rotate(-90)' text-anchor='middle'>%s</text>",
        at(y(0.5)), Markup.escaped(text.y()));
    return this;
  }

  /** Draws lines and numbers of the horizontal axis. */
  Plot horizontal(Axis axis) {
    for (double tick : axis.ticks()) {
      double x = x(axis.share(tick));
      add("<path class='grid' d='M%s %sV%s'/>", at(x), at(y(0)), at(y(1)));
      under(x, axis.label(tick));
    }
    return titleBelow();
  }

  /** Writes names under parts of the horizontal axis that are equally wide. */
  Plot horizontal(List<String> names) {
    double width = (WIDTH - LEFT - RIGHT) / Math.max(1.0, names.size());
    int fitting = Math.max(1, (int) (width / LETTER));
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      String shown = name.length() <= fitting ? name : name.substring(0, fitting);
      under(LEFT + (i + 0.5) * width, Markup.escaped(shown));
    }
    return titleBelow();
  }

  private void under(double x, String label) {
    add(
        "<text class='tick' x='%s' y='%d' text-anchor='middle'>%s</text>",
        at(x), HEIGHT - BOTTOM + 16, label);
  }

  private Plot titleBelow() {
    add(
        "<text x='%s' y='%d' text-anchor='middle'>%s</text>",
        at(x(0.5)), HEIGHT - 8, Markup.escaped(text.x()));
    return this;
  }

  /** Returns the horizontal place of a share of the axis. */
  double x(double share) {
    return LEFT + share * (WIDTH - LEFT - RIGHT);
  }

  /** Returns the vertical place of a share of the axis. */
  double y(double share) {
    return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - top);
  }

  /** Adds an element; texts in {@code values} are escaped already. */
  void add(String element, Object... values) {
    body.append(Markup.format(element, values)).append('\n');
  }

  /** Returns a place as SVG has it. */
  static String at(double place) {
    return String.format(Locale.ROOT, "%.1f", place);
  }

  private static String shortened(String name) {
    return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME - 3) + "...";
  }

  /** Returns the chart, an element {@code svg} to be put into a page with {@link #STYLE}. */
  String svg() {
    return Markup.format(
            "<svg class='chart' xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' role='img'"
                + " aria-label='%s'>%n<title>%s</title>%n<desc>%s</desc>%n",
            WIDTH,
            HEIGHT,
            Markup.escaped(text.title()),
            Markup.escaped(text.title()),
            Markup.escaped(text.description()))
        + body
        + "</svg>\n";
  }
}
