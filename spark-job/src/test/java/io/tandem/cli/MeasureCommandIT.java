package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tandem.pack.TinyPack;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class MeasureCommandIT {

  @TempDir private Path folder;

  @Test
  void measuresAPack() throws IOException {
    TinyPack.writeLeast(folder);
    Path out = folder.resolve("out");
    StringWriter results = new StringWriter();
    StringWriter messages = new StringWriter();
    CommandLine command = new CommandLine(new MeasureCommand());
    command.setOut(new PrintWriter(results));
    command.setErr(new PrintWriter(messages));

    int exitCode =
        command.execute(
            "--pack=" + folder,
            "--out=" + out,
            "--images=40",
            "--reference-images=60",
            "--precision=fp32",
            "--top-k=20",
            "--seed=3");

    assertThat(messages.toString())
        .contains("reference: 60 of 60 images, ", "drafter: 40 of 40 images, ");
    assertThat(exitCode).isZero();
    assertThat(results.toString())
        .startsWith(
            "sampling   gumbel, guidance 1.5:1-4, top-k 20, top-p 0.96, temperature 1.0\n"
                + "seeds      samples 3, held-out 7001, real 7002, reference 7003\n"
                + "setting    fp32 on cpu, ")
        .contains(
            "held out   40 images: PSNR ",
            "\n40 images a point, FID to statistics of 60\n",
            "\ndrafter          ",
            "MISSED        accuracy of the feature network: ",
            "not measured  Spearman(N, FID) over N = 1 to 3: - (<= -0.8)\n",
            "left out   tuned-n2: no drafter-n2, refiner-n2\n")
        .endsWith("wrote      " + out + "\n");
    JsonNode report = new ObjectMapper().readTree(out.resolve("quality.json").toFile());
    assertThat(report.get("setting").get("amounts").get("batchSize").asInt()).isEqualTo(20);
    assertThat(report.get("setting").get("seeds").get("heldOut").asLong()).isEqualTo(7001);
    JsonNode drafter = report.get("samples").get("points").get(0);
    assertThat(drafter.get("name").asText()).isEqualTo("drafter");
    assertThat(drafter.get("fid").get("standardError").asDouble()).isPositive();
    assertThat(drafter.get("draftScales").isNull()).isTrue();
    assertThat(report.get("expectations").get(4).get("met").asBoolean()).isFalse();
    assertThat(report.get("missing").get(0).get("models").get(0).asText()).isEqualTo("refiner");
  }
}
