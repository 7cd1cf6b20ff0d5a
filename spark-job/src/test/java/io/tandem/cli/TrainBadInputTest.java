package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tandem.dataset.ShapeImages;
import io.tandem.image.PngCodec;
import io.tandem.image.RgbImage;
import io.tandem.model.AdaLn;
import io.tandem.model.LatentSpace;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VarConfig;
import io.tandem.weights.RandomVarWeights;
import io.tandem.weights.SafetensorsWriter;
import io.tandem.weights.TensorSpec;
import io.tandem.weights.WeightSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a user can get wrong in a training: one message, exit code 2, nothing written. */
class TrainBadInputTest {

  private static final String SHAPES = "--images=shapes";
  private static final String VAE = "--vae=" + TinyModels.VAE;
  private static final String FROM = "--from=" + TinyModels.LARGE;

  @TempDir Path folder;

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void refuses(List<String> args, String message) {
    assertThat(train(args)).isEqualTo(new Ran(2, "", message + "\n"));
  }

  static Stream<Arguments> refuses() {
    return Stream.of(tokenizers(), transformers(), fineTunings(), demos()).flatMap(all -> all);
  }

  private static Stream<Arguments> tokenizers() {
    return Stream.of(
        arguments(
            List.of("tokenizer"),
            "Cannot train without pictures. Pass --images FOLDER, --images TABLE or --images"
                + " shapes."),
        arguments(
            List.of("tokenizer", "--images=none"),
            "Cannot read data set 'none': there is no such folder (a folder of class folders is"
                + " needed)"),
        tokenizer("--shapes-count=0", "Cannot draw a data set of 0 shapes (at least 1)"),
        tokenizer(
            "--image-size=60",
            "Cannot train a tokeniser on pictures of side 60: its 3 levels and token maps up to"
                + " side 16 are of pictures of side 64. Change --image-size, --multipliers or"
                + " --scales."),
        tokenizer("--image-size=0", "Cannot use --image-size 0 (1 to 8192)"),
        tokenizer(
            "--channels=33",
            "Cannot use a tokeniser of 33 base channels (a multiple of 32 is needed)"),
        tokenizer(
            "--multipliers=1,0",
            "Cannot use --multipliers '1,0': '0' is no whole number from 1 on (such as 1,2,4)"),
        tokenizer(
            "--multipliers=1,1,1,1,1,1,1,1,1",
            "Cannot use --multipliers '1,1,1,1,1,1,1,1,1': they are 9 levels (at most 8)"),
        tokenizer("--blocks=0", "Cannot use 0 residual blocks (at least 1)"),
        tokenizer("--codes=1", "Cannot use a vocabulary of 1 codes (at least 2)"),
        tokenizer("--codes=65537", "Cannot use a vocabulary of 65537 codes (at most 65536)"),
        tokenizer("--code-channels=0", "Cannot use codes of 0 channels (at least 1)"),
        tokenizer(
            "--scales=1,x",
            "Cannot use --scales '1,x': 'x' is no whole number from 1 on (such as 1,2,4)"),
        tokenizer(
            "--scales=2,4", "Cannot make a scale schedule of [2, 4]: it must start with side 1"),
        tokenizer(
            "--scales=1,3,3",
            "Cannot make a scale schedule of [1, 3, 3]: scale 3 must be larger than scale 2"),
        tokenizer(
            "--residual-convolutions=11",
            "Cannot use 11 residual convolutions for 10 scales (1 to one for each)"),
        tokenizer("--squared-error=-1", "Cannot use --squared-error -1.0 (a weight from 0 up)"),
        tokenizer("--steps=0", "Cannot train for 0 steps (1 or more)"),
        tokenizer("--batch-size=0", "Cannot train on batches of 0 images (1 or more)"),
        tokenizer("--at-once=0", "Cannot compute 0 images at once (1 or more)"),
        tokenizer("--learning-rate=0", "Cannot train at a learning rate of 0.0 (more than 0)"),
        tokenizer(
            "--learning-rate=Infinity",
            "Cannot train at a learning rate of Infinity (more than 0)"),
        tokenizer("--warm-up=-1", "Cannot warm up for -1 steps (0 or more)"),
        tokenizer("--end-rate=1.5", "Cannot end at 1.5 of the learning rate (0 to 1)"),
        tokenizer("--weight-decay=-1", "Cannot use weight decay -1.0 (0 or more)"),
        tokenizer(
            "--checkpoint-minutes=-1", "Cannot use --checkpoint-minutes -1.0 (minutes from 0 up)"),
        tokenizer("--minutes=NaN", "Cannot use --minutes NaN (minutes from 0 up)"),
        tokenizer(
            "--precision=fp16",
            "Cannot train with precision fp16: small gradients would vanish (fp32, bf16 or auto)."
                + " Pass --precision auto."),
        tokenizer(
            "--device=gpu",
            "Cannot use device 'gpu' (cpu, cuda or cuda:N). Pass --device cpu or --device"
                + " cuda:0."));
  }

  private static Arguments tokenizer(String flag, String message) {
    return arguments(List.of("tokenizer", SHAPES, flag), message);
  }

  private static Stream<Arguments> transformers() {
    return Stream.of(
        arguments(
            List.of("var", SHAPES),
            "Cannot train without a tokeniser. Pass --vae FILE, --vae random or demo."),
        arguments(
            List.of("var", SHAPES, "--vae=none.pth"),
            "Cannot load weights from 'none.pth': there is no such file (a .pth or .safetensors"
                + " file is needed). Check the path."),
        arguments(
            List.of("var", SHAPES, "--vae=" + TinyModels.LARGE),
            ("Cannot load a tokeniser from '%s': it holds a transformer (a tokeniser has tensors"
                    + " such as encoder.conv_in.weight and quantize.embedding.weight). Use the file"
                    + " of a tokeniser here.")
                .formatted(TinyModels.LARGE)),
        scratch(
            List.of("--label-dropout=1"),
            "Cannot use --label-dropout 1.0 (0 up to, not" + " including, 1)"),
        scratch(
            List.of("--image-size=12"),
            ("Cannot train on pictures of side 12: token maps up to side 4 with 2 pixels per token"
                    + " of '%s' are of pictures of side 8. Change --image-size or the scales.")
                .formatted(TinyModels.VAE)),
        scratch(
            List.of("--width=100", "--heads=3"),
            "Cannot split width 100 over 3 heads (a positive multiple is needed)"),
        scratch(List.of("--depth=0"), "Cannot use a transformer of depth 0 (at least 1)"),
        scratch(
            List.of("--scales=2-5"),
            "Cannot use --scales '2-5': scale 5 is beyond the last one (scales are 1 to 4)"),
        scratch(
            List.of("--scales=0-2"),
            "Cannot use --scales '0-2': there is no scale 0 (scales are 1 to 4)"),
        scratch(
            List.of("--scales=1,3"),
            "Cannot use --scales '1,3': there is a gap (one range, such as 8-10)"),
        scratch(
            List.of("--all-scales-every=4"),
            "Cannot use --all-scales-every, --coarse-scales and --coarse-batch-size one without"
                + " the others: all three are needed"),
        scratch(
            List.of("--all-scales-every=4", "--coarse-scales=5", "--coarse-batch-size=9"),
            "Cannot use --coarse-scales 5 (scales are 1 to 4)"),
        scratch(
            List.of("--all-scales-every=0", "--coarse-scales=2", "--coarse-batch-size=9"),
            "Cannot learn all scales every 0 steps (1 or more)"),
        scratch(
            List.of(
                "--scales=3-4",
                "--all-scales-every=2",
                "--coarse-scales=2",
                "--coarse-batch-size=9"),
            "Cannot learn scales 3 to 4 in steps of the first 2 scales"),
        arguments(
            List.of("var", SHAPES, VAE, FROM, "--depth=2"),
            "Cannot use --depth, --width, --heads, --shared-adaln or --sides with --from: the"
                + " architecture is that of the checkpoint"),
        arguments(
            List.of("var", SHAPES, VAE, "--from=" + TinyModels.VAE),
            ("Cannot load a transformer from '%s': it holds a tokeniser (a transformer has tensors"
                    + " such as blocks.0.attn.mat_qkv.weight and head.weight). Use the file of a"
                    + " transformer here.")
                .formatted(TinyModels.VAE)),
        arguments(
            List.of("var", SHAPES, VAE, "--from=random:1", "--image-size=32"),
            ("Cannot train on tokens of '%s': it has 128 codes of 32 channels (the transformer"
                    + " needs 4096 of 32). Pass the --vae that the transformer was trained on.")
                .formatted(TinyModels.VAE)));
  }

  private static Arguments scratch(List<String> flags, String message) {
    List<String> args = new ArrayList<>(List.of("var", SHAPES, VAE));
    if (flags.stream().noneMatch(flag -> flag.startsWith("--sides"))) {
      args.add("--sides=1,2,3,4");
    }
    args.addAll(flags);
    return arguments(args, message);
  }

  private static Stream<Arguments> fineTunings() {
    return Stream.of(
        arguments(
            List.of("drafter", SHAPES, VAE, "--draft-scales=2"),
            "Cannot fine-tune without a transformer. Pass --from FILE or demo:NAME."),
        arguments(
            List.of("drafter", SHAPES, VAE, FROM),
            "Cannot fine-tune without the number of the drafter's scales. Pass --draft-scales N."),
        arguments(
            List.of("drafter", SHAPES, VAE, FROM, "--draft-scales=0"),
            "Cannot use --draft-scales 0: the models have 4 scales (1 to 3 are the drafter's)"),
        arguments(
            List.of("drafter", SHAPES, VAE, FROM, "--draft-scales=4"),
            "Cannot use --draft-scales 4: the models have 4 scales (1 to 3 are the drafter's)"),
        arguments(
            List.of("refiner", SHAPES, VAE, FROM, "--draft-scales=2"),
            "Cannot train a refiner without a teacher. Pass --teacher FILE."),
        refiner(
            "--teacher=random:1",
            "Cannot learn from the teacher 'random:1': its scales have the sides [1, 2, 3, 4, 5,"
                + " 6, 8, 10, 13, 16], the student's [1, 2, 3, 4] (the same are needed). Pass a"
                + " teacher that was trained on the same scales."),
        refiner(
            "--teacher=" + TinyModels.VAE,
            ("Cannot load a transformer from '%s': it holds a tokeniser (a transformer has tensors"
                    + " such as blocks.0.attn.mat_qkv.weight and head.weight). Use the file of a"
                    + " transformer here.")
                .formatted(TinyModels.VAE)),
        refiner(
            "--kl-direction=both",
            "Cannot use --kl-direction 'both' (teacher-student or student-teacher)"),
        refiner(
            "--kl-temperature=0",
            "Cannot learn from a teacher at temperature 0.0 (a number above 0)"));
  }

  private static Arguments refiner(String flag, String message) {
    List<String> args =
        new ArrayList<>(List.of("refiner", SHAPES, VAE, FROM, "--draft-scales=2", flag));
    if (!flag.startsWith("--teacher")) {
      args.add("--teacher=" + TinyModels.SMALL);
    }
    return arguments(args, message);
  }

  private static Stream<Arguments> demos() {
    return Stream.of(
        arguments(
            List.of("demo", "--scale-steps=0"),
            "Cannot make the demo pack with 0.0 times the steps (above 0, up to 1000)"));
  }

  @Test
  void refusesToTrainToNowhere() {
    assertThat(Ran.tandem("train", "tokenizer", SHAPES))
        .isEqualTo(new Ran(2, "", "Cannot train to nowhere. Pass --out FOLDER, or --dry-run.\n"));
  }

  @Test
  void refusesTeachersOfOtherVocabulariesOrClasses() throws IOException {
    ScaleSchedule schedule = new ScaleSchedule(List.of(1, 2, 3, 4));
    Path vocabulary = model("vocabulary", 10, new LatentSpace(99, 32, schedule));
    Path classes = model("classes", 7, new LatentSpace(128, 32, schedule));

    assertThat(refinedBy(vocabulary))
        .isEqualTo(
            ("Cannot learn from the teacher '%s': its vocabulary has 99 codes of 32 channels, the"
                    + " student's 128 of 32 (the same are needed). Pass a teacher of the same"
                    + " tokeniser.%n")
                .formatted(vocabulary));
    assertThat(refinedBy(classes))
        .isEqualTo(
            ("Cannot learn from the teacher '%s': it knows 7 classes, the student 10 (the same are"
                    + " needed). Pass a teacher that was trained on the same classes.%n")
                .formatted(classes));
  }

  private String refinedBy(Path teacher) {
    Ran ran =
        train(List.of("refiner", SHAPES, VAE, FROM, "--draft-scales=2", "--teacher=" + teacher));
    assertThat(ran.exitCode()).isEqualTo(2);
    return ran.err();
  }

  private Path model(String name, int classes, LatentSpace latent) {
    Path file = folder.resolve(name + ".safetensors");
    VarConfig config = new VarConfig(1, 64, 1, classes, AdaLn.PER_BLOCK, latent);
    try (WeightSource source = RandomVarWeights.of(config, 1)) {
      List<TensorSpec> specs = source.names().stream().map(source::spec).toList();
      try (SafetensorsWriter writer = SafetensorsWriter.create(file, specs, Map.of())) {
        source.names().forEach(tensor -> writer.write(source.read(tensor)));
        writer.finish();
      }
    }
    return file;
  }

  @Test
  void refusesScalesThatTheTokeniserWasNotTrainedOn() throws IOException {
    Path trained = folder.resolve("trained");
    Ran.tandem(tiny("tokenizer", "--steps=1", "--out=" + trained));
    Path vae = trained.resolve("tokenizer.safetensors");

    Ran ran = train(List.of("var", SHAPES, "--vae=" + vae, "--sides=1,4"));

    assertThat(ran)
        .isEqualTo(
            new Ran(
                2,
                "",
                ("Cannot train on scales of the sides [1, 4]: the tokeniser '%s' was trained on"
                        + " [1, 2, 4]. Train on those, or with another tokeniser.%n")
                    .formatted(vae)));
  }

  @Test
  void refusesDataSetsThatCannotBeLearned() throws IOException {
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Path single = pictures("single", 1, 20);
    Path damaged = pictures("damaged", 2, 20);
    Path broken = Files.writeString(damaged.resolve("class1/00.png"), "no picture");
    Path small = pictures("small", 2, 20);
    Path narrow = small.resolve("class0/03.png");
    Files.write(narrow, PngCodec.encode(RgbImage.of(7, 9, new byte[3 * 7 * 9])));

    assertThat(learned(empty))
        .isEqualTo(
            "Cannot read data set '%s': there are no class folders in it (at least two, each with"
                    .formatted(empty)
                + " PNG or JPEG files)\n");
    assertThat(learned(single))
        .isEqualTo(
            "Cannot read data set '%s': it has one class, 'class0' (at least two class folders are"
                    .formatted(single)
                + " needed)\n");
    assertThat(learned(damaged))
        .isEqualTo("Cannot read picture '%s': it is neither PNG nor JPEG\n".formatted(broken));
    assertThat(learned(small))
        .isEqualTo(
            ("Cannot crop picture '%s' to 8 x 8 pixels: it has 7 x 9 (at least as many both"
                    + " ways)\n")
                .formatted(narrow));
  }

  /** What a tokeniser's training and the tokens of a transformer say of pictures is the same. */
  private String learned(Path pictures) {
    Path out = folder.resolve("out");
    Ran tokenizer =
        Ran.tandem(tiny("tokenizer", "--images=" + pictures, "--steps=1", "--out=" + out));
    Ran var =
        Ran.tandem(
            "train",
            "var",
            "--images=" + pictures,
            VAE,
            "--sides=1,2,3,4",
            "--depth=1",
            "--batch-size=2",
            "--precision=fp32",
            "--out=" + out);

    assertThat(List.of(tokenizer.exitCode(), var.exitCode())).containsExactly(2, 2);
    // after progress with the tokens of the pictures before it
    assertThat(var.err()).endsWith(tokenizer.err());
    assertThat(out).doesNotExist();
    return tokenizer.err();
  }

  private Path pictures(String name, int classes, int each) throws IOException {
    Path set = folder.resolve(name);
    ShapeImages shapes = ShapeImages.of(3, 8, (long) classes * each);
    for (int i = 0; i < classes * each; i++) {
      Path group = Files.createDirectories(set.resolve("class" + i / each));
      Files.write(group.resolve("%02d.png".formatted(i % each)), PngCodec.encode(shapes.image(i)));
    }
    return set;
  }

  @Test
  void refusesMoreClassesThanTheTransformerHas() throws IOException {
    Path eleven = pictures("eleven", 11, 1);

    Ran ran = train(List.of("var", "--images=" + eleven, VAE, FROM));

    assertThat(ran)
        .isEqualTo(
            new Ran(
                2,
                "",
                "Cannot train a transformer of 10 classes on images of 11 classes. Pass images of"
                    + " its classes, or train a new one.\n"));
  }

  @Test
  void refusesStepsThatCannotFit() {
    Ran ran = train(List.of("tokenizer", SHAPES, "--batch-size=2000000"));

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err())
        .matches(
            "Cannot train on 2000000 images at once: that needs about [0-9,]+ bytes \\(weights,"
                + " gradients and moments 13,065,520, activations [0-9,]+\\), but there are"
                + " [0-9,]+\\. Pass a smaller --batch-size or --at-once, or train a smaller"
                + " model\\.\n");
  }

  @Test
  void refusesFoldersThatCannotBeMade() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");

    assertThat(Ran.tandem(tiny("tokenizer", "--out=" + file)).err())
        .isEqualTo(
            "Cannot train in '%s': '%s' is a file (a folder is needed)%n".formatted(file, file));
    Path under = file.resolve("out");
    assertThat(Ran.tandem(tiny("tokenizer", "--out=" + under)).err())
        .isEqualTo(
            "Cannot train in '%s': '%s' is a file (a folder is needed)%n".formatted(under, file));
  }

  @Test
  void refusesCheckpointsAndWeightsOfAnotherRun() throws IOException {
    Path out = folder.resolve("run");
    Ran stopped = Ran.tandem(tiny("tokenizer", "--steps=3", "--minutes=0", "--out=" + out));
    assertThat(stopped.exitCode()).isEqualTo(5);
    Path state = out.resolve("tokenizer.state.safetensors");
    byte[] before = Files.readAllBytes(state);

    Ran other = Ran.tandem(tiny("tokenizer", "--steps=4", "--out=" + out));

    assertThat(other.exitCode()).isEqualTo(2);
    assertThat(other.err())
        .startsWith("Cannot resume '%s': it is of another run:\n  there: ".formatted(state))
        .contains("Pace[3 steps of ", "\n  here:  ", "Pace[4 steps of ")
        .endsWith("\nRepeat the settings of that run, or choose another folder.\n");
    assertThat(state).hasBinaryContent(before);

    assertThat(Ran.tandem(tiny("tokenizer", "--steps=3", "--out=" + out)).exitCode()).isZero();
    Ran late = Ran.tandem(tiny("tokenizer", "--steps=4", "--out=" + out));

    assertThat(late.exitCode()).isEqualTo(2);
    assertThat(late.err())
        .startsWith(
            "Cannot train stage 'tokenizer': '%s' is of another run:\n  there: "
                .formatted(out.resolve("tokenizer.safetensors")))
        .contains("Pace[3 steps of ", "\n  here:  ", "Pace[4 steps of ")
        .endsWith("\nRepeat the settings of that run, or choose another folder.\n");
  }

  /** A rate that no training survives. */
  @Test
  void keepsTheLastCheckpointWhenALossIsNoNumber() throws IOException {
    Path out = folder.resolve("run");

    Ran ran =
        Ran.tandem(
            tiny(
                "tokenizer",
                "--steps=50",
                "--learning-rate=1e30",
                "--warm-up=0",
                "--checkpoint-minutes=0",
                "--out=" + out));

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err())
        .containsPattern(
            "Cannot go on training tokenizer: the (loss|norm of the gradients) of step [0-9]+ is"
                + " (NaN|Infinity) \\(finite numbers are needed\\)\\. The last checkpoint is kept: "
                + out.resolve("tokenizer.state.safetensors")
                + "\\. Lower the learning rate, or train in fp32\\.\n$");
    assertThat(out.resolve("tokenizer.state.safetensors")).isNotEmptyFile();
    assertThat(out.resolve("tokenizer.safetensors")).doesNotExist();
  }

  /** A training of the smallest tokeniser. */
  private static String[] tiny(String model, String... flags) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "train",
                model,
                "--multipliers=1,1",
                "--scales=1,2,4",
                "--codes=16",
                "--code-channels=4",
                "--batch-size=2",
                "--shapes-count=20",
                "--precision=fp32"));
    args.addAll(List.of(flags));
    if (args.stream().noneMatch(arg -> arg.startsWith("--images"))) {
      args.add(SHAPES);
    }
    return args.toArray(String[]::new);
  }

  /** The option --out is always there, so that a fault would leave something behind. */
  private Ran train(List<String> flags) {
    List<String> args = new ArrayList<>(List.of("train"));
    args.addAll(flags);
    args.add("--out=" + folder.resolve("out"));
    if (flags.stream().noneMatch(flag -> flag.startsWith("--precision"))) {
      args.add("--precision=fp32");
    }
    Ran ran = Ran.tandem(args.toArray(String[]::new));
    assertThat(folder.resolve("out")).doesNotExist();
    return ran;
  }
}
