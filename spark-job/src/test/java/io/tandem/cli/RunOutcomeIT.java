package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tandem.base.Sha256;
import io.tandem.npz.NpzFile;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** What becomes of a run that {@code generate} made: exports and the page on it. */
class RunOutcomeIT {

  private static final int IMAGES = 22;

  @TempDir static Path folder;

  private static Path run;

  @BeforeAll
  static void generate() {
    run = folder.resolve("a run");
    Ran ran =
        Ran.tandem(
            "generate",
            "--model=big=" + TinyModels.LARGE,
            "--model=small=" + TinyModels.SMALL,
            "--vae=" + TinyModels.VAE,
            "--plan=big:1-3,small:4",
            "--precision=fp32",
            "--batch-size=4",
            "--wave-images=8",
            "--guidance=2.5",
            "--guidance-scales=1-2,4",
            "--temperature=1.1:1-2,1:3-4",
            "--classes=3,1,7",
            "--seed=18446744073709551615",
            "--images=" + IMAGES,
            "--out=" + run,
            "--",
            "--master",
            "local[2]");
    assertThat(ran.exitCode()).as(ran.err()).isZero();
  }

  @Test
  void exportsThePixelsThatWereDigested() {
    Path out = folder.resolve("set.npz");

    Ran ran = Ran.tandem("export", "--run=" + run, "--format=npz", "--out=" + out);

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    Map<Long, String> stored = StoredRun.samples(run);
    try (NpzFile npz = NpzFile.open(out)) {
      byte[] pixels = npz.array("arr_0").toBytes();
      long[] labels = npz.array("arr_1").toLongs();
      assertThat(labels).hasSize(IMAGES).startsWith(3, 1, 7, 3);
      int bytes = pixels.length / IMAGES;
      for (int i = 0; i < IMAGES; i++) {
        String digest = Sha256.of(Arrays.copyOfRange(pixels, i * bytes, (i + 1) * bytes));
        assertThat(stored.get((long) i)).startsWith(labels[i] + " " + digest);
      }
    }
  }

  @Test
  void thePageTellsOfTheStartAndItsCommandMakesTheSameRun() throws Exception {
    Path page = folder.resolve("page.html");

    Ran ran = Ran.tandem("report", "--run=" + run, "--out=" + page);

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    Document html = parsed(page);
    String text = html.getDocumentElement().getTextContent();
    assertThat(text)
        .contains("All samples are there; last seen: done", "images/s, last start", "machine")
        .doesNotContain("None has come to its end.");
    assertThat(html.getElementsByTagName("img").getLength()).isEqualTo(IMAGES);

    List<String> command =
        arguments(html.getElementsByTagName("pre").item(0).getTextContent().strip());
    assertThat(command).startsWith("tandem", "generate").contains("--guidance-scales", "1-2,4");
    command.addAll(List.of("--", "--master", "local[1]"));
    Ran again = Ran.tandem(command.subList(1, command.size()).toArray(String[]::new));

    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(again.out()).contains("everything is there: 22 images");
  }

  private static Document parsed(Path page)
      throws IOException, SAXException, ParserConfigurationException {
    String html = Files.readString(page);
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(html.substring(html.indexOf('\n')))));
  }

  /** Splits a command as a shell does, as far as there are plain words and single quotes. */
  private static List<String> arguments(String command) {
    List<String> arguments = new ArrayList<>();
    Matcher words = Pattern.compile("'([^']*)'|([^\\s\\\\']+)").matcher(command);
    while (words.find()) {
      arguments.add(words.group(1) != null ? words.group(1) : words.group(2));
    }
    return arguments;
  }
}
