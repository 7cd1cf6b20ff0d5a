package io.tandem.cli;

import static io.tandem.base.Checks.check;

import io.tandem.base.UserError;
import io.tandem.job.NumberRanges;
import io.tandem.job.SampleOrder;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** Options that say which images are made. */
final class SampleOptions {

  /** Far above what anybody makes, and far below where arithmetic would overflow. */
  private static final long MOST = 1_000_000_000_000L;

  @Option(
      names = "--labels",
      paramLabel = "LABELS",
      description = "One image for each class: 3,7,0 or 0-9,9.")
  private String labels;

  @Option(names = "--images", paramLabel = "N", description = "N images, the classes in turn.")
  private Long images;

  @Option(
      names = "--per-class",
      paramLabel = "N",
      description = "N images of each class, the classes in turn.")
  private Long perClass;

  @Option(
      names = "--classes",
      paramLabel = "CLASSES",
      description = "Classes of --images and --per-class: 0-9,207 (default: all of the models).")
  private String classes;

  /** Returns whether the classes of --images and --per-class are named. */
  boolean nameClasses() {
    return classes != null;
  }

  /** Returns whether any of these options says how many images there are. */
  boolean arePresent() {
    return labels != null || images != null || perClass != null;
  }

  /**
   * Images that are asked for.
   *
   * @param kind how
   * @param labels of the first images; they repeat
   * @param count number of images
   */
  record Wanted(Kind kind, List<Integer> labels, long count) {

    /** Returns the samples from index {@code first} on. */
    SampleOrder order(long first) {
      check(count <= Integer.MAX_VALUE, "Cannot make %d images in one process", count);
      return kind == Kind.LISTED
          ? SampleOrder.listed(first, labels)
          : SampleOrder.seedMajor(first, labels, (int) count);
    }
  }

  /** What tells the labels. */
  enum Kind {
    /** One image for each label of a list. */
    LISTED("labels"),
    /** Classes in turn. */
    IN_TURN("classes");

    private final String option;

    Kind(String option) {
      this.option = option;
    }

    /** Returns the name of the option that lists the labels. */
    String option() {
      return option;
    }
  }

  /**
   * Returns the images that are asked for.
   *
   * @param known number of classes of the models
   * @throws UserError if the options say nothing or contradict each other
   */
  Wanted wanted(int known) {
    long given = Stream.of(labels, images, perClass).filter(option -> option != null).count();
    check(
        given == 1,
        "Cannot tell which images to make: %d of --labels, --images and --per-class are given"
            + " (exactly one is needed)",
        given);
    if (labels != null) {
      check(classes == null, "Cannot use --classes with --labels, which names every class itself");
      List<Integer> listed = NumberRanges.parse("--labels", labels, known);
      return new Wanted(Kind.LISTED, listed, listed.size());
    }
    List<Integer> cycle =
        classes == null
            ? IntStream.range(0, known).boxed().toList()
            : NumberRanges.parse("--classes", classes, known);
    checkCount("--images", images, MOST);
    checkCount("--per-class", perClass, MOST / cycle.size());
    return new Wanted(Kind.IN_TURN, cycle, images != null ? images : perClass * cycle.size());
  }

  private static void checkCount(String option, Long count, long most) {
    check(
        count == null || (count >= 1 && count <= most),
        "Cannot make the images of %s %s: that is out of range (1 to %d)",
        option,
        count,
        most);
  }
}
