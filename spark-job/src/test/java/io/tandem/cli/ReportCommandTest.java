package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.tandem.image.ImageCodec;
import io.tandem.image.ImageFile;
import io.tandem.table.WrittenRun;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

class ReportCommandTest {

  private static final String ATTACK =
      "<script>alert('1')</script> ../../x \" & \0\u001b[31m\ud800";

  @TempDir Path folder;

  private Path run;
  private Path out;

  @BeforeEach
  void places() {
    run = folder.resolve("run");
    out = folder.resolve("report.html");
  }

  @Test
  void showsPicturesChartsAndSettingsInOneFile() throws Exception {
    WrittenRun made = new WrittenRun(run).write(40, 12);

    Ran ran = report();

    assertThat(ran).isEqualTo(new Ran(0, "page       " + out + "\n", ""));
    Document page = page();
    assertThat(text(page))
        .contains("Run " + WrittenRun.RUN_ID, "All samples are there", "40", "big:1-2,small:3")
        .contains("weights/big one.pth", "8.00 GB", "a".repeat(64))
        .contains("18446744073709551615", "AVX512", "No sample failed.")
        .contains("--model 'big=weights/big one.pth'", "--guidance 1.5", "--guidance-scales 1-3");
    List<Element> pictures = elements(page, "img");
    assertThat(pictures).hasSize(3 * 8);
    assertThat(pictures)
        .extracting(image -> image.getAttribute("alt"))
        .startsWith("sample 0 of class 0 star", "sample 3 of class 0 star")
        .endsWith("sample 23 of class 2 dot");
    String source = pictures.get(1).getAttribute("src");
    assertThat(source).startsWith("data:image/png;base64,");
    byte[] png = Base64.getDecoder().decode(source.substring(source.indexOf(',') + 1));
    assertThat(ImageFile.decode(png, "3")).isEqualTo(made.picture(3));
    assertThat(elements(page, "svg"))
        .extracting(chart -> chart.getAttribute("aria-label"))
        .containsExactly("Time of each scale, by model", "Throughput over time");
  }

  @Test
  void needsNoNetworkAndRunsNothing() throws Exception {
    new WrittenRun(run).write(12, 12);

    report();

    Document page = page();
    assertThat(elements(page, "script")).isEmpty();
    assertThat(elements(page, "a")).isEmpty();
    assertThat(elements(page, "link"))
        .extracting(link -> link.getAttribute("href"))
        .containsExactly("data:,");
    assertThat(Files.readString(out).replace("http://www.w3.org/2000/svg", ""))
        .doesNotContain("http:", "https:", "url(", "@import", "onload", "onerror")
        .contains("default-src 'none'; img-src data:; style-src 'unsafe-inline'")
        .contains("prefers-color-scheme:dark");
  }

  @Test
  void whateverTheTablesHoldStaysText() throws Exception {
    new WrittenRun(run)
        .classes(ATTACK, "</figure></style><img src=x onerror=alert(1)>")
        .option("plan", ATTACK)
        .option("</td>" + ATTACK, "x")
        .failing(3L)
        .write(12, 12);

    Ran ran = report();

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    Document page = page();
    assertThat(elements(page, "script")).isEmpty();
    assertThat(elements(page, "img")).hasSize(11);
    assertThat(elements(page, "figcaption"))
        .extracting(Element::getTextContent)
        .contains("0 <script>alert('1')</script> ../../x \" & \ufffd\ufffd[31m?")
        .contains("1 </figure></style><img src=x onerror=alert(1)>");
  }

  @Test
  void comparesOnlyWhatIsComparable() throws Exception {
    new WrittenRun(run).write(40, 12);

    report();

    String text = text(page());
    // Batches 0 (warm-up) and 1 (two tasks at once) took a hundred times as long. Batches of 4.
    assertThat(text)
        .contains("Scales: 8 batches (sync, cpu, batches of 4, 1 at once, 2 threads)")
        .contains("1 of a warm-up (sync, cpu, batches of 4, 1 at once, 2 threads)")
        .contains("1 (sync, cpu, batches of 4, 2 at once, 2 threads)");
    assertThat(text.replaceAll("\\s+", " "))
        .contains("11 x 1big1.0001.00011.1 %1.00 kB")
        .contains("33 x 3small53.0003.00033.3 %3.00 kB")
        .contains("image decoder2.0002.00022.2 %");
  }

  @Test
  void tellsWhatFailedAndWhatIsMissing() throws Exception {
    new WrittenRun(run).failing(5L, 6L, 7L, 9L).uncommitted(2).write(40, 12);

    report();

    assertThat(text(page()).replaceAll("\\s+", " "))
        .contains("12 samples are still to come, 4 failed; last seen: not finished")
        .contains("3NaN logits at scale 25, 7, 9", "1NaN logits at scale 16");
  }

  @Test
  void aRunWithoutAnythingHasAPageToo() throws Exception {
    new WrittenRun(run).uncommitted(0).write(12, 12);

    Ran ran = report();

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(text(page()))
        .contains(
            "12 samples are still to come", "There are none to show.", "No times were taken.");
  }

  @Test
  void aRunWithoutPicturesHasAPageToo() throws Exception {
    new WrittenRun(run).codec(ImageCodec.NONE).write(12, 12);

    assertThat(report().exitCode()).isZero();

    assertThat(text(page())).contains("There are none to show.");
  }

  @Test
  void ofManyClassesSomeAreShown() throws Exception {
    String[] names = IntStream.range(0, 200).mapToObj(i -> "class " + i).toArray(String[]::new);
    new WrittenRun(run).side(2).classes(names).write(400, 200);

    report();

    List<Element> pictures = elements(page(), "img");
    assertThat(pictures).hasSize(96);
    assertThat(pictures.get(95).getAttribute("alt")).isEqualTo("sample 197 of class 197 class 197");
  }

  @Test
  void largePicturesAreShownSmaller() throws Exception {
    new WrittenRun(run).side(256).write(3, 12);

    report();

    assertThat(elements(page(), "img"))
        .extracting(image -> image.getAttribute("width"), image -> image.getAttribute("height"))
        .containsOnly(tuple("128", "128"));
  }

  @Test
  void theSameRunGivesTheSamePage() throws Exception {
    new WrittenRun(run).write(40, 12);
    report();
    byte[] first = Files.readAllBytes(out);

    // A page that is there is replaced.
    assertThat(report().exitCode()).isZero();

    assertThat(Files.readAllBytes(out)).isEqualTo(first);
  }

  @Test
  void aFileThatNoReportMadeStaysAsItIs() throws IOException {
    new WrittenRun(run).write(4, 12);
    Files.writeString(out, "<!doctype html><p>precious");

    assertThat(report())
        .isEqualTo(
            new Ran(
                2,
                "",
                "Cannot write '%s': it is there already, and no report made it. Choose another --out, or remove it.%n"
                    .formatted(out)));
    assertThat(out).hasContent("<!doctype html><p>precious");
  }

  @Test
  void refusesWhatIsNoRun() throws IOException {
    assertThat(report())
        .isEqualTo(
            new Ran(
                2,
                "",
                "Cannot read run '%s': there is no such folder (the folder that generate wrote to is needed)%n"
                    .formatted(run)));
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void refusesAPlaceThatIsNone() throws IOException {
    new WrittenRun(run).write(4, 12);

    assertThat(Ran.tandem("report", "--run=" + run, "--out=" + folder).err())
        .isEqualTo(
            "Cannot write '%s': it is a directory (a file name is needed)%n".formatted(folder));
    assertThat(Ran.tandem("report", "--run=" + run, "--out=hdfs://host/page.html").err())
        .isEqualTo(
            "Cannot use --out 'hdfs://host/page.html': it is an address (a path on a local disk is needed)\n");
  }

  private Ran report() {
    return Ran.tandem("report", "--run=" + run, "--out=" + out);
  }

  /** The page is written so that parsers of XML read it: nothing that is not escaped gets by. */
  private Document page() throws IOException, SAXException, ParserConfigurationException {
    String html = Files.readString(out);
    assertThat(html).startsWith("<!doctype html>\n");
    InputSource source = new InputSource(new StringReader(html.substring(html.indexOf('\n'))));
    return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(source);
  }

  private static String text(Document page) {
    return page.getDocumentElement().getTextContent();
  }

  private static List<Element> elements(Document page, String name) {
    NodeList nodes = page.getElementsByTagName(name);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      elements.add((Element) nodes.item(i));
    }
    return elements;
  }
}
