package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainCommandTest {

  @TempDir Path folder;

  @Test
  void asksWhatToTrain() {
    assertThat(Ran.tandem("train"))
        .isEqualTo(
            new Ran(
                1,
                "",
                "Train what? tokenizer, var, drafter, refiner or demo; or measure a trained pack.\n"
                    + "Run 'tandem train --help' for the options.\n"));
  }

  @Test
  void showsATokeniserWithoutTrainingIt() {
    Path out = folder.resolve("out");

    Ran ran =
        Ran.tandem(
            "train",
            "tokenizer",
            "--images=shapes",
            "--shapes-count=100",
            "--steps=600",
            "--precision=fp32",
            "--threads=1",
            "--dry-run",
            "--out=" + out);

    assertThat(ran.exitCode()).isZero();
    assertThat(ran.err()).isEmpty();
    assertThat(ran.out())
        .startsWith(
            """
            images     shapes version 1, seed 1, side 64, 100 pictures
            model      tokeniser, 32 channels x [1, 1, 2], residual blocks 1 per level, 512 codes of 16 channels, 4 residual convolutions; sides [1, 2, 3, 4, 5, 6, 8, 10, 13, 16]
            losses     squared error 1.0, absolute error 0.2, codebook 1.0, commitment 0.25
            pace       600 steps of 16 images, rate 0.0015 (30 steps of warm-up, 0.01 of it at the end), decay 0.0, seed 0
            size       816,595 parameters, 10,880 tokens in the largest step, 600 steps
            memory     about\s""")
        .contains("weights, gradients and moments 13, ", "setting    fp32 on cpu, 1 threads (");
    assertThat(out).doesNotExist();
  }

  /** Of the paper: 350 epochs of 1,252 steps, of which the drafter gets 5 %. */
  @Test
  void takesThePaceOfThePaper() {
    Ran ran =
        Ran.tandem(
            "train",
            "drafter",
            "--images=shapes",
            "--shapes-count=1024",
            "--vae=" + TinyModels.VAE,
            "--from=" + TinyModels.LARGE,
            "--draft-scales=3",
            "--precision=fp32",
            "--dry-run");

    assertThat(ran.err()).isEmpty();
    assertThat(ran.out())
        .contains(
            "starts     from " + TinyModels.LARGE + "\n",
            "learns     scales 1 to 3\n",
            "labels     dropped with chance 0.1\n",
            "pace       18 steps of 1024 images, rate 4.0E-6 (0 steps of warm-up, 0.1 of it at the"
                + " end), decay 0.08, seed 0\n",
            " 14,336 tokens in the largest step, 18 steps\n");
  }

  @Test
  void takesSettingsFromAConfigThatFlagsOverrule() throws IOException {
    Path config =
        Files.writeString(
            folder.resolve("train.conf"),
            """
            images = shapes
            shapes-count = 77
            multipliers = [1, 1]
            scales = [1, 2, 4]
            steps = 5
            batch-size = 3
            learning-rate = 0.002
            """);

    Ran ran =
        Ran.tandem(
            "train",
            "tokenizer",
            "--config=" + config,
            "--steps=7",
            "--precision=fp32",
            "--dry-run");

    assertThat(ran.err()).isEmpty();
    assertThat(ran.out())
        .contains(
            "side 8, 77 pictures\n",
            "channels x [1, 1], ",
            "sides [1, 2, 4]\n",
            "pace       7 steps of 3 images, rate 0.002 ");
  }

  @Test
  void showsTheStagesOfTheDemo() {
    Ran ran = Ran.tandem("train", "demo", "--scale-steps=0.1", "--precision=fp32", "--dry-run");

    assertThat(ran.exitCode()).isZero();
    assertThat(ran.out().lines().map(line -> line.split(" ")[0]))
        .containsExactly(
            "images",
            "features",
            "tokenizer",
            "drafter",
            "refiner",
            "drafter-n8",
            "refiner-n8",
            "drafter-control",
            "refiner-control",
            "refiner-last3",
            "quality",
            "setting");
  }
}
