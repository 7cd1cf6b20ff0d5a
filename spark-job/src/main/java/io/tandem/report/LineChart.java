package io.tandem.report;

import java.util.ArrayList;
import java.util.List;

/**
 * Lines over an axis of numbers.
 *
 * @param text what it says in words
 * @param lines one or more
 */
public record LineChart(ChartText text, List<Line> lines) implements Chart {

  /**
   * A line, which may be interrupted.
   *
   * @param name for the legend, which a single line has none of
   * @param stretches its parts, in order
   */
  public record Line(String name, List<Stretch> stretches) {

    public Line {
      stretches = List.copyOf(stretches);
    }
  }

  /**
   * A part of a line without interruption.
   *
   * @param points from the left to the right
   */
  public record Stretch(List<Point> points) {

    public Stretch {
      points = List.copyOf(points);
    }
  }

  /**
   * A point.
   *
   * @param x a finite number
   * @param y a finite number
   */
  public record Point(double x, double y) {}

  public LineChart {
    lines = List.copyOf(lines);
  }

  @Override
  public String svg() {
    List<Point> all =
        lines.stream()
            .flatMap(line -> line.stretches.stream())
            .flatMap(stretch -> stretch.points.stream())
            .toList();
    Axis across = Axis.linear(text.x(), Axis.Begin.ZERO, all.stream().map(Point::x).toList());
    Axis up = Axis.linear(text.y(), Axis.Begin.ZERO, all.stream().map(Point::y).toList());
    Plot plot =
        new Plot(text)
            .legend(lines.size() == 1 ? List.of() : lines.stream().map(Line::name).toList())
            .vertical(up)
            .horizontal(across);
    for (int number = 0; number < lines.size(); number++) {
      drawPauses(plot, across, lines.get(number));
      for (Stretch stretch : lines.get(number).stretches) {
        draw(plot, number % Plot.COLOURS, stretch, across, up);
      }
    }
    return plot.svg();
  }

  private static void drawPauses(Plot plot, Axis across, Line line) {
    for (int i = 1; i < line.stretches.size(); i++) {
      List<Point> points = line.stretches.get(i).points;
      if (!points.isEmpty()) {
        plot.add(
            "<path class='pause' d='M%s %sV%s'><title>a pause</title></path>",
            Plot.at(plot.x(across.share(points.get(0).x))), Plot.at(plot.y(0)), Plot.at(plot.y(1)));
      }
    }
  }

  private static void draw(Plot plot, int colour, Stretch stretch, Axis across, Axis up) {
    List<String> places = new ArrayList<>();
    for (Point point : stretch.points) {
      places.add(Plot.at(plot.x(across.share(point.x))) + "," + Plot.at(plot.y(up.share(point.y))));
    }
    if (places.size() > 1) {
      plot.add("<polyline class='line t%d' points='%s'/>", colour, String.join(" ", places));
    }
    // A line of one point would not be seen.
    if (places.size() == 1) {
      String[] place = places.get(0).split(",", -1);
      plot.add("<circle class='f%d' cx='%s' cy='%s' r='3.5'/>", colour, place[0], place[1]);
    }
  }
}
