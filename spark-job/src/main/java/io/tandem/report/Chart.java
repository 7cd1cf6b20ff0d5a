package io.tandem.report;

/** A chart, drawn as SVG that is readable in light and in dark. */
public sealed interface Chart permits LineChart, ScatterChart, StackedBars {

  /** Returns an element {@code svg} for a page that has {@link #style}. */
  String svg();

  /** Returns the chart as the content of a file of its own. */
  default String file() {
    String svg = svg();
    int end = svg.indexOf('>') + 1;
    return svg.substring(0, end) + "\n<style>" + style() + "</style>" + svg.substring(end);
  }

  /** Returns what charts look like, for the element {@code style} of a page. */
  static String style() {
    return Plot.STYLE;
  }
}
