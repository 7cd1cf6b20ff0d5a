package io.tandem.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Marks with bars of error, and the frontier of those that no other one beats.
 *
 * @param text what it says in words
 * @param groups of marks, each with a colour and a shape
 * @param frontier marks that a line joins, from the left to the right; may be empty
 * @param spacing of numbers on the horizontal axis
 */
public record ScatterChart(
    ChartText text, List<Group> groups, List<Mark> frontier, Axis.Spacing spacing)
    implements Chart {

  /** Half the width of the caps of a bar of error. */
  private static final double CAP = 3.5;

  private static final double LETTER = 6.0;

  /**
   * Marks of one kind.
   *
   * @param name for the legend, which a single group has none of
   * @param marks in any order
   */
  public record Group(String name, List<Mark> marks) {

    public Group {
      marks = List.copyOf(marks);
    }
  }

  /**
   * A mark.
   *
   * @param x a finite number
   * @param y a finite number
   * @param xError half the length of the horizontal bar, 0 for none
   * @param yError half the length of the vertical bar, 0 for none
   * @param label beside it, empty for none
   */
  public record Mark(double x, double y, double xError, double yError, String label) {}

  public ScatterChart {
    groups = List.copyOf(groups);
    frontier = List.copyOf(frontier);
  }

  @Override
  public String svg() {
    List<Mark> all = groups.stream().flatMap(group -> group.marks.stream()).toList();
    List<Double> xs =
        all.stream()
            .flatMap(mark -> Stream.of(mark.x - mark.xError, mark.x + mark.xError))
            .toList();
    List<Double> ys =
        all.stream()
            .flatMap(mark -> Stream.of(mark.y - mark.yError, mark.y + mark.yError))
            .toList();
    Axis across =
        spacing == Axis.Spacing.LOGARITHMIC
            ? Axis.logarithmic(text.x(), positive(all, xs))
            : Axis.linear(text.x(), Axis.Begin.LEAST, xs);
    Axis up = Axis.linear(text.y(), Axis.Begin.LEAST, ys);
    Plot plot =
        new Plot(text)
            .legend(groups.size() == 1 ? List.of() : groups.stream().map(Group::name).toList())
            .vertical(up)
            .horizontal(across);
    drawFrontier(plot, across, up);
    for (int number = 0; number < groups.size(); number++) {
      for (Mark mark : groups.get(number).marks) {
        drawErrors(plot, number % Plot.COLOURS, mark, across, up);
        draw(plot, number, mark, across, up);
      }
    }
    return plot.svg();
  }

  /** An end of a bar that is not above 0 is nowhere on a logarithmic axis. */
  private static List<Double> positive(List<Mark> marks, List<Double> ends) {
    List<Double> positive = new ArrayList<>(ends.stream().filter(end -> end > 0).toList());
    marks.forEach(mark -> positive.add(mark.x));
    return positive;
  }

  private void drawFrontier(Plot plot, Axis across, Axis up) {
    if (frontier.size() > 1) {
      List<String> places =
          frontier.stream()
              .map(
                  mark ->
                      Plot.at(plot.x(across.share(mark.x)))
                          + ","
                          + Plot.at(plot.y(up.share(mark.y))))
              .toList();
      plot.add("<polyline class='frontier' points='%s'/>", String.join(" ", places));
    }
  }

  private static void drawErrors(Plot plot, int colour, Mark mark, Axis across, Axis up) {
    double x = plot.x(across.share(mark.x));
    double y = plot.y(up.share(mark.y));
    if (mark.yError > 0) {
      double low = plot.y(up.share(mark.y - mark.yError));
      double high = plot.y(up.share(mark.y + mark.yError));
      plot.add(
          "<path class='error t%d' d='M%s %sV%sM%s %sh%sM%s %sh%s'/>",
          colour,
          Plot.at(x),
          Plot.at(low),
          Plot.at(high),
          Plot.at(x - CAP),
          Plot.at(low),
          Plot.at(2 * CAP),
          Plot.at(x - CAP),
          Plot.at(high),
          Plot.at(2 * CAP));
    }
    if (mark.xError > 0) {
      double left = plot.x(across.share(mark.x - mark.xError));
      double right = plot.x(across.share(mark.x + mark.xError));
      plot.add(
          "<path class='error t%d' d='M%s %sH%sM%s %sv%sM%s %sv%s'/>",
          colour,
          Plot.at(left),
          Plot.at(y),
          Plot.at(right),
          Plot.at(left),
          Plot.at(y - CAP),
          Plot.at(2 * CAP),
          Plot.at(right),
          Plot.at(y - CAP),
          Plot.at(2 * CAP));
    }
  }

  private static void draw(Plot plot, int group, Mark mark, Axis across, Axis up) {
    double x = plot.x(across.share(mark.x));
    double y = plot.y(up.share(mark.y));
    String shape =
        switch (group % 4) {
          case 0 -> "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0";
          case 1 -> "M-4 -4h8v8h-8z";
          case 2 -> "M0 -5.5L5 4H-5z";
          default -> "M0 -5.5L5.5 0L0 5.5L-5.5 0z";
        };
    plot.add(
        "<path class='f%d' transform='translate(%s %s)' d='%s'><title>%s</title></path>",
        group % Plot.COLOURS,
        Plot.at(x),
        Plot.at(y),
        shape,
        Markup.escaped(Markup.format("%s (%.4g, %.4g)", mark.label, mark.x, mark.y)));
    if (!mark.label.isEmpty()) {
      boolean isLeft = x + 8 + LETTER * mark.label.length() > plot.x(1);
      plot.add(
          "<text class='tick' x='%s' y='%s' text-anchor='%s'>%s</text>",
          Plot.at(isLeft ? x - 8 : x + 8),
          Plot.at(y - 6),
          isLeft ? "end" : "start",
          Markup.escaped(mark.label));
    }
  }
}
