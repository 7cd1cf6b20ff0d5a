package io.tandem.job;

import static io.tandem.base.Checks.check;

import io.tandem.dataset.LabelledImages;
import io.tandem.generate.TokenEncoder;
import io.tandem.image.RgbImage;
import io.tandem.model.LatentSpace;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VqConfig;
import io.tandem.train.TokenSet;
import io.tandem.vq.ImageEncoder;
import io.tandem.weights.VqCheckpoint;
import io.tandem.weights.WeightSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;

/**
 * Pictures and the tokeniser through which transformers see them.
 *
 * @param images the pictures
 * @param tokeniser its weights, which stay open
 * @param schedule of the token maps
 * @param place where tokens are computed, and transformers trained
 */
public record TokenisedImages(
    TrainingImages images, WeightSource tokeniser, ScaleSchedule schedule, TrainingPlace place) {

  /** Key of the header of a tokeniser's weights with the sides it was trained on: 1,2,3. */
  static final String SIDES = "tandem.sides";

  /** Where a run keeps its tokens. */
  private static final String FOLDER = "tokens";

  /** Returns the text of {@code schedule} in a header. */
  static String text(ScaleSchedule schedule) {
    return schedule.sides().stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  /**
   * Returns the schedule on which transformers of {@code tokeniser} are trained: the one that was
   * asked for, else that of the tokeniser's own training, else that of the released models for
   * pictures of this size.
   *
   * @param wanted what the user or a checkpoint says
   * @param side height and width of the pictures, if the user says so
   * @throws io.tandem.base.UserError if they do not fit together
   */
  public static ScaleSchedule schedule(
      WeightSource tokeniser, Optional<ScaleSchedule> wanted, OptionalInt side) {
    VqConfig config = VqCheckpoint.config(tokeniser);
    Optional<ScaleSchedule> own =
        Optional.ofNullable(tokeniser.metadata().get(SIDES)).map(TokenisedImages::parsed);
    check(
        wanted.isEmpty() || own.isEmpty() || wanted.equals(own),
        "Cannot train on scales of the sides %s: the tokeniser '%s' was trained on %s. Train on"
            + " those, or with another tokeniser.",
        wanted.orElse(ScaleSchedule.PIXELS_256),
        tokeniser.origin(),
        own.orElse(ScaleSchedule.PIXELS_256));
    ScaleSchedule schedule = wanted.or(() -> own).orElseGet(() -> usual(config, side));
    int needed = schedule.finestSide() * config.pixelsPerCell();
    check(
        side.isEmpty() || side.getAsInt() == needed,
        "Cannot train on pictures of side %d: token maps up to side %d with %d pixels per token of"
            + " '%s' are of pictures of side %d. Change --image-size or the scales.",
        side.orElse(0),
        schedule.finestSide(),
        config.pixelsPerCell(),
        tokeniser.origin(),
        needed);
    return schedule;
  }

  private static ScaleSchedule usual(VqConfig config, OptionalInt side) {
    boolean isLarge =
        side.orElse(0) == ScaleSchedule.PIXELS_512.finestSide() * config.pixelsPerCell();
    return isLarge ? ScaleSchedule.PIXELS_512 : ScaleSchedule.PIXELS_256;
  }

  private static ScaleSchedule parsed(String text) {
    check(
        text.matches("[1-9][0-9]{0,5}(,[1-9][0-9]{0,5})*"),
        "Cannot use the tokeniser's header: %s is '%s' (sides such as 1,2,3)",
        SIDES,
        text);
    return new ScaleSchedule(Arrays.stream(text.split(",")).map(Integer::valueOf).toList());
  }

  /** Returns the side of the pictures that {@code schedule} and {@code tokeniser} are for. */
  public static int imageSide(WeightSource tokeniser, ScaleSchedule schedule) {
    return schedule.finestSide() * VqCheckpoint.config(tokeniser).pixelsPerCell();
  }

  /** Returns what transformers and tokeniser share. */
  public LatentSpace latent() {
    VqConfig config = VqCheckpoint.config(tokeniser);
    return new LatentSpace(config.vocabulary(), config.codeChannels(), schedule);
  }

  /**
   * Returns the tokens of all pictures to learn from, computed once and kept in the folder of
   * {@code run}.
   *
   * @throws io.tandem.base.UserError if a picture cannot be read, or the folder has the tokens of
   *     something else
   */
  TokenSet tokens(TrainingRun run) {
    VqConfig config = VqCheckpoint.config(tokeniser);
    check(
        config.vocabulary() <= TokenSet.MAX_VOCABULARY,
        "Cannot train on tokens of '%s': it has %d codes (at most %d)",
        tokeniser.origin(),
        config.vocabulary(),
        TokenSet.MAX_VOCABULARY);
    LongConsumer counter = run.counter("tokens", images.learned().size());
    try (LazyEncoder encoder = new LazyEncoder()) {
      return TokenSet.of(
          new WatchedImages(images.learned(), counter),
          encoder,
          "%s in %s, sides %s".formatted(tokeniser.sha256(), place.precision(), text(schedule)),
          schedule,
          run.folder().path(FOLDER));
    } catch (TrainingRun.StoppedException e) {
      run.say("tokens: stopped; the same command goes on from the last part");
      throw e;
    }
  }

  /** An encoder that is loaded when the first pictures come: stored tokens need none. */
  private final class LazyEncoder implements TokenSet.Encoder, AutoCloseable {

    private ImageEncoder loaded;

    @Override
    public List<long[]> apply(List<RgbImage> pictures) {
      if (loaded == null) {
        loaded = ImageEncoder.load(tokeniser, schedule, place.precision(), place.device());
      }
      return new TokenEncoder(loaded, place.device()).encode(pictures);
    }

    @Override
    public void close() {
      if (loaded != null) {
        loaded.close();
      }
    }
  }

  /**
   * Pictures that are asked for in order, and tell how far that is.
   *
   * @param all the pictures
   * @param counter told how many were asked for
   */
  private record WatchedImages(LabelledImages all, LongConsumer counter) implements LabelledImages {

    @Override
    public List<String> classNames() {
      return all.classNames();
    }

    @Override
    public int side() {
      return all.side();
    }

    @Override
    public long size() {
      return all.size();
    }

    @Override
    public int classId(long index) {
      return all.classId(index);
    }

    @Override
    public RgbImage image(long index) {
      RgbImage image = all.image(index);
      counter.accept(index + 1);
      return image;
    }

    @Override
    public String identity() {
      return all.identity();
    }
  }
}
