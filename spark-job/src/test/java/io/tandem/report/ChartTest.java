package io.tandem.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.tandem.report.LineChart.Line;
import io.tandem.report.LineChart.Point;
import io.tandem.report.LineChart.Stretch;
import io.tandem.report.ScatterChart.Group;
import io.tandem.report.ScatterChart.Mark;
import io.tandem.report.StackedBars.Part;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** Charts by their elements; the plot is 440 x 270 with its origin at (58, 224). */
class ChartTest {

  private static final ChartText TEXT = new ChartText("FID <b>", "words & more", "x's", "y");

  private static final String ATTACK = "</text><script>alert(1)</script>";

  @Test
  void barsStandOnEachOther() throws Exception {
    StackedBars chart =
        new StackedBars(
            TEXT,
            List.of("a", "b"),
            List.of(new Part("big", List.of(1.0, 0.0)), new Part("small", List.of(3.0, 2.0))));

    List<Element> bars = drawn(chart, "rect").subList(2, 5);

    assertThat(bars).extracting(bar -> bar.getAttribute("class")).containsExactly("f0", "f1", "f1");
    assertThat(bars)
        .extracting(Element::getTextContent)
        .containsExactly("a, big: 1.000", "a, small: 3.000", "b, small: 2.000");
    double first = number(bars.get(0), "y");
    assertThat(first + number(bars.get(0), "height")).isEqualTo(224.0);
    assertThat(number(bars.get(1), "y") + number(bars.get(1), "height"))
        .isCloseTo(first, within(0.11)); // places have one decimal
    assertThat(number(bars.get(1), "height") / number(bars.get(0), "height"))
        .isCloseTo(3, within(0.02));
  }

  @Test
  void barsNeedAHeightEach() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new StackedBars(TEXT, List.of("a"), List.of(new Part("p", List.of(1.0, 2.0)))))
        .withMessage("1 bars cannot have 2 parts 'p'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Part("p", List.of(-1.0)))
        .withMessage("Bars cannot have the heights [-1.0]");
  }

  @Test
  void linesBreakAtPauses() throws Exception {
    LineChart chart =
        new LineChart(
            TEXT,
            List.of(
                new Line(
                    "one",
                    List.of(
                        new Stretch(List.of(new Point(0, 1), new Point(5, 2))),
                        new Stretch(List.of(new Point(6, 2), new Point(10, 0))),
                        new Stretch(List.of(new Point(10, 2)))))));

    assertThat(drawn(chart, "polyline"))
        .extracting(line -> line.getAttribute("points"))
        .containsExactly("58.0,118.0 242.0,12.0", "278.8,12.0 426.0,224.0");
    assertThat(drawn(chart, "path"))
        .filteredOn(path -> path.getAttribute("class").equals("pause"))
        .extracting(path -> path.getAttribute("d"))
        .containsExactly("M278.8 224.0V12.0", "M426.0 224.0V12.0");
    assertThat(drawn(chart, "circle")).hasSize(1);
    assertThat(drawn(chart, "rect")).as("legend of one line").isEmpty();
  }

  @Test
  void marksHaveBarsOfErrorAndAFrontier() throws Exception {
    Mark fast = new Mark(10, 8, 0, 1, "N=6");
    Mark good = new Mark(5, 4, 1, 2, "N=9");
    Mark beaten = new Mark(4, 9, 0, 0, "");
    ScatterChart chart =
        new ScatterChart(
            TEXT,
            List.of(new Group("CoDe", List.of(fast, good)), new Group("VAR", List.of(beaten))),
            List.of(good, fast),
            Axis.Spacing.LINEAR);

    List<Element> paths = drawn(chart, "path");

    assertThat(paths)
        .filteredOn(path -> path.getAttribute("class").startsWith("error"))
        .extracting(path -> path.getAttribute("class"))
        .containsExactly("error t0", "error t0", "error t0");
    List<Element> marks =
        paths.stream().filter(path -> path.getAttribute("class").matches("f\\d")).toList();
    assertThat(marks)
        .extracting(Element::getTextContent)
        .containsExactly("N=6 (10.00, 8.000)", "N=9 (5.000, 4.000)", " (4.000, 9.000)");
    assertThat(marks.get(0).getAttribute("d"))
        .as("shapes tell groups apart")
        .isEqualTo(marks.get(1).getAttribute("d"))
        .isNotEqualTo(marks.get(2).getAttribute("d"));
    assertThat(drawn(chart, "polyline")).hasSize(1);
    assertThat(drawn(chart, "text")).extracting(Element::getTextContent).contains("N=6", "N=9");
    assertThat(drawn(chart, "text"))
        .filteredOn(text -> text.getTextContent().equals("N=6"))
        .extracting(text -> text.getAttribute("text-anchor"))
        .as("there is no room to its right")
        .containsExactly("end");
  }

  @Test
  void errorsBelowZeroDoNotSpoilALogarithmicAxis() throws Exception {
    ScatterChart chart =
        new ScatterChart(
            TEXT,
            List.of(new Group("g", List.of(new Mark(1, 1, 3, 0, ""), new Mark(100, 2, 0, 0, "")))),
            List.of(),
            Axis.Spacing.LOGARITHMIC);

    assertThat(chart.svg()).doesNotContain("NaN", "Infinity");
    assertThat(drawn(chart, "path")).isNotEmpty();
  }

  @Test
  void nothingFromOutsideBecomesAnElement() throws Exception {
    ChartText text = new ChartText(ATTACK, ATTACK, ATTACK, ATTACK);
    List<Chart> charts =
        List.of(
            new StackedBars(text, List.of(ATTACK), List.of(new Part(ATTACK, List.of(1.0)))),
            new LineChart(text, List.of(new Line(ATTACK, List.of()), new Line("", List.of()))),
            new ScatterChart(
                text,
                List.of(new Group(ATTACK, List.of(new Mark(0, 0, 0, 0, ATTACK)))),
                List.of(),
                Axis.Spacing.LINEAR));

    for (Chart chart : charts) {
      assertThat(drawn(chart, "script")).isEmpty();
      assertThat(drawn(chart, "title").get(0).getTextContent()).isEqualTo(ATTACK);
      assertThat(drawn(chart, "desc").get(0).getTextContent()).isEqualTo(ATTACK);
    }
  }

  @Test
  void emptyChartsAreDrawn() throws Exception {
    assertThat(drawn(new StackedBars(TEXT, List.of(), List.of()), "svg")).hasSize(1);
    assertThat(drawn(new LineChart(TEXT, List.of()), "svg")).hasSize(1);
    assertThat(drawn(new ScatterChart(TEXT, List.of(), List.of(), Axis.Spacing.LOGARITHMIC), "svg"))
        .hasSize(1);
  }

  @Test
  void longLegendsTakeMoreLines() throws Exception {
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      parts.add(new Part("a model with a name of many letters " + i, List.of(1.0)));
    }
    StackedBars chart = new StackedBars(TEXT, List.of("a"), parts);

    assertThat(drawn(chart, "rect").subList(0, 10))
        .allMatch(square -> number(square, "x") < 400)
        .extracting(square -> number(square, "y"))
        .last()
        .isNotEqualTo(number(drawn(chart, "rect").get(0), "y"));
    assertThat(drawn(chart, "text"))
        .extracting(Element::getTextContent)
        .contains("a model with a name of ma...a model with a name of many letters 3");
  }

  @Test
  void aFileOfItsOwnBringsItsStyle() throws Exception {
    String file = new LineChart(TEXT, List.of()).file();

    assertThat(parsed(file, "style").get(0).getTextContent())
        .contains("prefers-color-scheme:dark")
        .isEqualTo(Chart.style());
  }

  private static List<Element> drawn(Chart chart, String name)
      throws IOException, SAXException, ParserConfigurationException {
    return parsed(chart.svg(), name);
  }

  private static List<Element> parsed(String svg, String name)
      throws IOException, SAXException, ParserConfigurationException {
    NodeList nodes =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(svg)))
            .getElementsByTagName(name);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      elements.add((Element) nodes.item(i));
    }
    return elements;
  }

  private static double number(Element element, String attribute) {
    return Double.parseDouble(element.getAttribute(attribute));
  }
}
