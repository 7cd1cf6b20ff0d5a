package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tandem.image.ImageFile;
import io.tandem.image.RgbImage;
import io.tandem.npz.NpzFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DecodeCommandTest {

  private static final int[] SIDES = {1, 2, 3, 4};

  @TempDir Path folder;
  private Path out;

  @BeforeEach
  void nameTheOutput() {
    out = folder.resolve("out");
  }

  @Test
  void writesPicturesSheetTokensAndRecord() throws IOException {
    Ran ran = decode("--labels", "3,7", "--seed", "5", "--out", out.toString());

    assertThat(ran.exitCode()).isZero();
    assertThat(ran.out())
        .contains("plan       big:1-2,small:3-4, guidance 1.5:1-4\n")
        .contains("sampling   gumbel, top-k 900, top-p 0.96, temperature 1.0, seed 5\n")
        .contains("setting    fp32 on cpu, ", " threads, batches of 2, pixels rounded: nearest")
        .containsPattern("loaded     3\\.2 MB in [0-9.]+ s, [0-9.]+ GB/s\n")
        .containsPattern("decoded    2 images in [0-9.]+ s, [0-9.]+ images/s\n")
        .endsWith("wrote      " + out + "\n");
    assertThat(ran.err()).startsWith("2 of 2 images, ").endsWith(" images/s, 0 s left\n");
    assertThat(names(out))
        .containsExactly("0_3.png", "1_7.png", "contact-sheet.png", "decode.json", "tokens.npz");
    JsonNode pictures = record().get("pictures");
    RgbImage picture = ImageFile.read(out.resolve("1_7.png"));
    assertThat(picture.width()).isEqualTo(8);
    assertThat(pictures.get(1).get("pixelsSha256").asText()).isEqualTo(picture.sha256());
    assertThat(ImageFile.read(out.resolve("contact-sheet.png")).width()).isEqualTo(8 + 2 * 16);
    assertThat(names(folder)).containsExactly("out");
  }

  @Test
  void writesTheTrace() {
    Path trace = folder.resolve("trace.npz");

    Ran ran =
        decode(
            "--labels",
            "3,7,0",
            "--batch-size",
            "2",
            "--trace",
            trace.toString(),
            "--trace-logits");

    assertThat(ran.exitCode()).isZero();
    try (NpzFile npz = NpzFile.open(trace)) {
      for (int scale = 0; scale < SIDES.length; scale++) {
        long tokens = (long) SIDES[scale] * SIDES[scale];
        assertThat(npz.array("tokens_" + scale).shape()).containsExactly(3L, tokens);
        assertThat(npz.array("logits_" + scale).shape()).containsExactly(3L, tokens, 128L);
      }
      assertThat(npz.array("fhat").shape()).containsExactly(3L, 32L, 4L, 4L);
      assertThat(npz.array("image").shape()).containsExactly(3L, 3L, 8L, 8L);
      assertThat(npz.array("labels").toLongs()).containsExactly(3, 7, 0);
      assertThat(npz.array("first_index").toLongs()).containsExactly(0);
    }
  }

  /** The tokens with the largest logits are the greedy ones. */
  @Test
  void tracesTheLogitsThatTokensWereDrawnFrom() {
    Path trace = folder.resolve("trace.npz");

    decode("--labels", "3", "--greedy", "--trace", trace.toString(), "--trace-logits");

    try (NpzFile npz = NpzFile.open(trace)) {
      float[] logits = npz.array("logits_3").toFloats();
      long[] tokens = npz.array("tokens_3").toLongs();
      for (int i = 0; i < tokens.length; i++) {
        float[] row = Arrays.copyOfRange(logits, 128 * i, 128 * (i + 1));
        float largest = row[0];
        for (float logit : row) {
          largest = Math.max(largest, logit);
        }
        assertThat(row[(int) tokens[i]]).isEqualTo(largest);
      }
    }
  }

  @Test
  void makesPixelsFromTokensAloneWithoutATransformer() throws IOException {
    decode("--labels", "3,7", "--first-index", "4", "--out", out.toString());
    JsonNode before = record().get("pictures");
    Path again = folder.resolve("again");

    Ran ran =
        Ran.tandem(
            "decode",
            "--tokens",
            out.resolve("tokens.npz").toString(),
            "--vae",
            TinyModels.VAE,
            "--precision",
            "fp32",
            "--out",
            again.toString());

    assertThat(ran.exitCode()).isZero();
    assertThat(names(again)).contains("4_3.png", "5_7.png");
    assertThat(json(again.resolve("decode.json")).get("pictures")).isEqualTo(before);
  }

  @Test
  void resumesFromTheTokensOfTheFirstScales() throws IOException {
    decode("--labels", "3,7", "--seed", "9", "--out", out.toString());
    JsonNode before = record().get("pictures");
    Path again = folder.resolve("again");

    Ran ran =
        decode(
            "--tokens",
            out.resolve("tokens.npz").toString(),
            "--token-scales",
            "2",
            "--seed",
            "9",
            "--out",
            again.toString());

    assertThat(ran.exitCode()).isZero();
    assertThat(json(again.resolve("decode.json")).get("pictures")).isEqualTo(before);
    assertThat(json(again.resolve("decode.json")).get("batches").get(0).get("scales")).hasSize(2);
  }

  @Test
  void turnsPicturesIntoTokensAndBack() throws IOException {
    decode("--labels", "3,7,0", "--out", out.toString());
    Path encoded = folder.resolve("encoded");
    Path again = folder.resolve("again");

    Ran ran =
        Ran.tandem(
            "decode",
            "--vae=" + TinyModels.VAE,
            "--sides=1,2,3,4",
            "--precision=fp32",
            "--batch-size=2",
            "--out=" + encoded,
            "--encode",
            out.resolve("0_3.png").toString(),
            out.resolve("1_7.png").toString(),
            out.resolve("2_0.png").toString());
    Ran.tandem(
        "decode",
        "--vae=" + TinyModels.VAE,
        "--tokens=" + encoded.resolve("tokens.npz"),
        "--precision=fp32",
        "--batch-size=2",
        "--out=" + again);

    assertThat(ran.exitCode()).isZero();
    assertThat(names(encoded)).contains("0_0.png", "1_0.png", "2_0.png");
    try (NpzFile npz = NpzFile.open(encoded.resolve("tokens.npz"))) {
      assertThat(npz.array("tokens_3").shape()).containsExactly(3L, 16L);
    }
    assertThat(json(again.resolve("decode.json")).get("pictures"))
        .isEqualTo(json(encoded.resolve("decode.json")).get("pictures"));
  }

  @Test
  void decodesOnFromTheFirstScalesOfAPicture() throws IOException {
    decode("--labels", "3", "--out", out.toString());
    Path picture = out.resolve("0_3.png");
    Path encoded = folder.resolve("encoded.npz");
    Path varied = folder.resolve("varied.npz");

    Ran.tandem(
        "decode",
        "--vae=" + TinyModels.VAE,
        "--sides=1,2,3,4",
        "--precision=fp32",
        "--trace=" + encoded,
        "--encode=" + picture);
    Ran ran = decode("--labels=5", "--token-scales=2", "--trace=" + varied, "--encode=" + picture);

    assertThat(ran.exitCode()).isZero();
    try (NpzFile before = NpzFile.open(encoded);
        NpzFile after = NpzFile.open(varied)) {
      for (String kept : List.of("tokens_0", "tokens_1")) {
        assertThat(after.array(kept).toLongs()).containsExactly(before.array(kept).toLongs());
      }
      assertThat(after.array("tokens_3").shape()).containsExactly(1L, 16L);
    }
  }

  /** The last batch is filled up with the samples that would follow. */
  @Test
  void makesTheSameImageHoweverManyAreAskedFor() throws IOException {
    decode("--labels", "3,7,0", "--batch-size", "2", "--out", out.toString());
    JsonNode third = record().get("pictures").get(2);
    Path again = folder.resolve("again");

    decode("--labels", "0,3", "--first-index", "2", "--batch-size", "2", "--out", again.toString());

    assertThat(json(again.resolve("decode.json")).get("pictures").get(0)).isEqualTo(third);
    assertThat(names(out)).contains("2_0.png").doesNotContain("3_3.png");
  }

  @Test
  void takesClassesInTurn() throws IOException {
    decode("--images", "3", "--classes", "4-5", "--first-index", "1", "--out", out.toString());
    assertThat(names(out)).contains("1_5.png", "2_4.png", "3_5.png");

    Path balanced = folder.resolve("balanced");
    decode("--per-class", "2", "--classes", "4,9", "--out", balanced.toString());
    assertThat(names(balanced)).contains("0_4.png", "1_9.png", "2_4.png", "3_9.png");
  }

  @Test
  void knowsTheShortFormOfCollaborativeDecoding() throws IOException {
    decode("--labels", "1", "--out", out.toString());
    String tokens = record().get("pictures").get(0).get("tokensSha256").asText();
    Path again = folder.resolve("again");

    Ran ran =
        Ran.tandem(
            "decode",
            "--drafter",
            TinyModels.LARGE,
            "--refiner",
            TinyModels.SMALL,
            "--draft-scales",
            "2",
            "--vae",
            TinyModels.VAE,
            "--precision=fp32",
            "--labels=1",
            "--out",
            again.toString());

    assertThat(ran.out()).contains("plan       drafter:1-2,refiner:3-4, ");
    assertThat(
            json(again.resolve("decode.json")).get("pictures").get(0).get("tokensSha256").asText())
        .isEqualTo(tokens);
  }

  @Test
  void replacesItsOwnFilesAndLeavesOthersAlone() throws IOException {
    decode("--labels", "3,7", "--out", out.toString());
    Files.writeString(out.resolve("notes.txt"), "mine");

    Ran ran = decode("--labels", "3,8", "--out", out.toString());

    assertThat(ran.exitCode()).isZero();
    assertThat(names(out))
        .containsExactly(
            "0_3.png", "1_8.png", "contact-sheet.png", "decode.json", "notes.txt", "tokens.npz");
    assertThat(names(folder)).containsExactly("out");
  }

  @Test
  void overwritesForeignFilesOnlyWhenAsked() throws IOException {
    Files.createDirectory(out);
    Files.writeString(out.resolve("0_3.png"), "mine");

    assertThat(decode("--labels", "3", "--out", out.toString()))
        .isEqualTo(
            new Ran(
                2,
                "",
                "Cannot write images to '%s': its file '0_3.png' was not made by a decode. Pass another --out, or --overwrite.%n"
                    .formatted(out)));
    assertThat(out.resolve("0_3.png")).hasContent("mine");
    assertThat(names(folder)).containsExactly("out");
    assertThat(decode("--labels", "3", "--overwrite", "--out", out.toString()).exitCode()).isZero();
    assertThat(ImageFile.read(out.resolve("0_3.png")).width()).isEqualTo(8);
  }

  /** A record may name anything; only what a decode writes is removed. */
  @Test
  void removesNothingThatARecordMakesUp() throws IOException {
    Path precious = Files.writeString(folder.resolve("precious.png"), "mine");
    Files.createDirectory(out);
    Files.writeString(out.resolve("other.png"), "mine");
    Files.writeString(
        out.resolve("decode.json"),
        "{\"files\": [\"../precious.png\", \"other.png\", \"9_9.png\"]}");

    assertThat(decode("--labels", "3", "--out", out.toString()).exitCode()).isZero();

    assertThat(precious).hasContent("mine");
    assertThat(out.resolve("other.png")).hasContent("mine");
  }

  @Test
  void writesItsResultForMachines() throws IOException {
    Path json = folder.resolve("result.json");

    decode("--labels", "3", "--guidance-scales", "1-3", "--json", json.toString());

    JsonNode result = json(json);
    assertThat(result.get("setting").get("decoding").get("guidance").asText()).isEqualTo("1.5:1-3");
    assertThat(result.get("setting").get("execution").get("precision").asText()).isEqualTo("fp32");
    assertThat(result.get("files")).isEmpty();
    assertThat(result.get("loading").get("bytes").asLong()).isEqualTo(3_155_461);
    assertThat(result.get("batches").get(0).get("scales")).hasSize(4);
  }

  @Test
  void takesSettingsFromAConfigurationFile() throws IOException {
    Path config = folder.resolve("tiny.conf");
    Files.writeString(
        config,
        """
        model { big = "%s", small = "%s" }
        vae = "%s"
        plan = "big:1-2,small:3-4"
        labels = [3, 7]
        precision = fp32
        temperature = "1.1:1-3,1.0:4"
        guidance = 1
        """
            .formatted(TinyModels.LARGE, TinyModels.SMALL, TinyModels.VAE));

    Ran ran =
        Ran.tandem(
            "decode", "--config", config.toString(), "--guidance", "2", "--out", out.toString());

    assertThat(ran.exitCode()).isZero();
    assertThat(ran.out())
        .contains("guidance 2.0:1-4", "temperature 1.1:1-3,1.0:4")
        .contains("big=" + TinyModels.LARGE);
    assertThat(names(out)).contains("0_3.png", "1_7.png");
  }

  private JsonNode record() throws IOException {
    return json(out.resolve("decode.json"));
  }

  private static JsonNode json(Path file) throws IOException {
    return new ObjectMapper().readTree(file.toFile());
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static Ran decode(String... flags) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "decode",
                "--model",
                "big=" + TinyModels.LARGE,
                "--model",
                "small=" + TinyModels.SMALL,
                "--vae",
                TinyModels.VAE,
                "--plan",
                "big:1-2,small:3-4",
                "--precision",
                "fp32"));
    args.addAll(List.of(flags));
    return Ran.tandem(args.toArray(String[]::new));
  }
}
