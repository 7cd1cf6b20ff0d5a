package io.tandem.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Bars side by side, each a stack of parts.
 *
 * @param text what it says in words
 * @param bars names of the bars
 * @param parts of all bars, from the bottom up
 */
public record StackedBars(ChartText text, List<String> bars, List<Part> parts) implements Chart {

  /**
   * One part of each bar.
   *
   * @param name for the legend
   * @param heights one for each bar, 0 or more; a part of height 0 is not drawn
   */
  public record Part(String name, List<Double> heights) {

    public Part {
      heights = List.copyOf(heights);
      if (!heights.stream().allMatch(height -> height >= 0 && Double.isFinite(height))) {
        throw new IllegalArgumentException("Bars cannot have the heights " + heights);
      }
    }
  }

  public StackedBars {
    bars = List.copyOf(bars);
    parts = List.copyOf(parts);
    for (Part part : parts) {
      if (part.heights.size() != bars.size()) {
        throw new IllegalArgumentException(
            "%d bars cannot have %d parts '%s'"
                .formatted(bars.size(), part.heights.size(), part.name));
      }
    }
  }

  @Override
  public String svg() {
    List<Double> tops = new ArrayList<>();
    for (int bar = 0; bar < bars.size(); bar++) {
      int index = bar;
      tops.add(parts.stream().mapToDouble(part -> part.heights.get(index)).sum());
    }
    Axis axis = Axis.linear(text.y(), Axis.Begin.ZERO, tops);
    Plot plot =
        new Plot(text)
            .legend(parts.stream().map(Part::name).toList())
            .vertical(axis)
            .horizontal(bars);
    double share = 1.0 / Math.max(1, bars.size());
    for (int bar = 0; bar < bars.size(); bar++) {
      double bottom = 0;
      for (int number = 0; number < parts.size(); number++) {
        double height = parts.get(number).heights.get(bar);
        if (height > 0) {
          double y = plot.y(axis.share(bottom + height));
          plot.add(
              "<rect class='f%d' x='%s' y='%s' width='%s' height='%s'><title>%s</title></rect>",
              number % Plot.COLOURS,
              Plot.at(plot.x((bar + 0.15) * share)),
              Plot.at(y),
              Plot.at(plot.x(0.7 * share) - plot.x(0)),
              Plot.at(plot.y(axis.share(bottom)) - y),
              Markup.escaped(
                  String.format(
                      Locale.ROOT, "%s, %s: %.4g", bars.get(bar), parts.get(number).name, height)));
          bottom += height;
        }
      }
    }
    return plot.svg();
  }
}
