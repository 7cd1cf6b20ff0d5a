package io.tandem.train;

import static io.tandem.base.Checks.check;

import io.tandem.base.UserError;
import io.tandem.dataset.LabelledImages;
import io.tandem.image.RgbImage;
import io.tandem.model.NumberFormat;
import io.tandem.model.ScaleSchedule;
import io.tandem.npz.NpzArray;
import io.tandem.npz.NpzFile;
import io.tandem.npz.NpzWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * The tokens of a data set, computed once: what transformers learn from. Immutable.
 *
 * <p>Ids take two bytes each, so vocabularies of up to 65,536 codes fit.
 */
public final class TokenSet {

  private static final int BATCH = 16;
  private static final int MAX_VOCABULARY = 1 << 16;
  private static final String TOKENS = "tokens";
  private static final String CLASSES = "classes";
  private static final String IDENTITY = "identity";

  private final int tokensPerImage;
  private final byte[] tokens;
  private final int[] classes;
  private final String identity;

  private TokenSet(int tokensPerImage, byte[] tokens, int[] classes, String identity) {
    this.tokensPerImage = tokensPerImage;
    this.tokens = tokens;
    this.classes = classes;
    this.identity = identity;
  }

  /** Encodes a batch of pictures to token maps, scale by scale: [B * side * side] each. */
  public interface Encoder extends Function<List<RgbImage>, List<long[]>> {}

  /**
   * Returns the tokens of {@code images}, from {@code file} if it holds them, else computed and
   * written there.
   *
   * @param encoder the tokeniser
   * @param tokeniser names the tokeniser's weights
   * @throws UserError if the file holds something else or cannot be written
   */
  public static TokenSet of(
      LabelledImages images, Encoder encoder, String tokeniser, ScaleSchedule schedule, Path file) {
    String identity = images.identity() + ", tokeniser " + tokeniser;
    if (Files.exists(file)) {
      TokenSet stored = read(file);
      if (!stored.identity.equals(identity)) {
        throw UserError.of(
            "Cannot use the tokens in '%s': they are of other images or another tokeniser:\n"
                + "  there: %s\n  here:  %s\nRemove the file, or choose another folder.",
            file, stored.identity, identity);
      }
      check(
          stored.tokensPerImage == schedule.totalTokens(),
          "Cannot use the tokens in '%s': they are %d of each image (%d for scales of sides %s)."
              + " Remove the file, or choose another folder.",
          file,
          stored.tokensPerImage,
          schedule.totalTokens(),
          schedule);
      return stored;
    }
    // Opened first: who computes for hours should be able to write the result.
    try (NpzWriter writer = NpzWriter.create(file)) {
      TokenSet computed = compute(images, encoder, schedule, identity);
      computed.write(writer);
      return computed;
    }
  }

  private static TokenSet compute(
      LabelledImages images, Encoder encoder, ScaleSchedule schedule, String identity) {
    int count = Math.toIntExact(images.size());
    int perImage = schedule.totalTokens();
    long bytes = 2L * count * perImage;
    check(
        bytes <= NpzFile.MAX_ARRAY_BYTES,
        "Cannot keep the tokens of %d images: they take %d bytes (up to %d). Use fewer images.",
        count,
        bytes,
        NpzFile.MAX_ARRAY_BYTES);
    byte[] tokens = new byte[(int) bytes];
    int[] classes = new int[count];
    for (int first = 0; first < count; first += BATCH) {
      List<RgbImage> batch = new ArrayList<>();
      for (int i = first; i < Math.min(count, first + BATCH); i++) {
        batch.add(images.image(i));
        classes[i] = images.classId(i);
      }
      List<long[]> maps = encoder.apply(batch);
      for (int scale = 0; scale < schedule.scales(); scale++) {
        int size = schedule.tokens(scale);
        int offset = schedule.offset(scale);
        for (int i = 0; i < batch.size(); i++) {
          for (int token = 0; token < size; token++) {
            int place = (first + i) * perImage + offset + token;
            long id = maps.get(scale)[i * size + token];
            check(
                id >= 0 && id < MAX_VOCABULARY,
                "Cannot keep token %d (0 to %d). Use a vocabulary of at most %d codes.",
                id,
                MAX_VOCABULARY - 1,
                MAX_VOCABULARY);
            tokens[2 * place] = (byte) id;
            tokens[2 * place + 1] = (byte) (id >> 8);
          }
        }
      }
    }
    return new TokenSet(perImage, tokens, classes, identity);
  }

  private void write(NpzWriter writer) {
    long[] wide = new long[classes.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = classes[i];
    }
    byte[] name = identity.getBytes(StandardCharsets.UTF_8);
    writer.bytes(TOKENS, tokens, classes.length, tokensPerImage, 2);
    writer.longs(CLASSES, wide, wide.length);
    writer.bytes(IDENTITY, name, name.length);
    writer.commit();
  }

  private static TokenSet read(Path file) {
    try (NpzFile npz = NpzFile.open(file)) {
      NpzArray tokens = npz.array(TOKENS);
      NpzArray classes = npz.array(CLASSES);
      boolean fits =
          tokens.format() == NumberFormat.UINT8
              && tokens.shape().size() == 3
              && classes.shape().equals(List.of(tokens.shape().get(0)))
              && tokens.shape().get(2) == 2;
      check(fits, "Cannot use the tokens in '%s': the shapes do not fit. Remove the file.", file);
      long[] wide = classes.toLongs();
      int[] narrow = new int[wide.length];
      for (int i = 0; i < narrow.length; i++) {
        check(
            wide[i] >= 0 && wide[i] < Integer.MAX_VALUE,
            "Cannot use the tokens in '%s': they hold a class %d. Remove the file.",
            file,
            wide[i]);
        narrow[i] = (int) wide[i];
      }
      return new TokenSet(
          Math.toIntExact(tokens.shape().get(1)),
          tokens.toBytes(),
          narrow,
          new String(npz.array(IDENTITY).toBytes(), StandardCharsets.UTF_8));
    }
  }

  /** Returns one line that names images and tokeniser. */
  public String identity() {
    return identity;
  }

  /** Returns the number of images. */
  public int images() {
    return classes.length;
  }

  /** Returns the number of tokens of each image. */
  public int tokensPerImage() {
    return tokensPerImage;
  }

  /** Returns the number of classes: one more than the largest class id. */
  public int classes() {
    return Arrays.stream(classes).max().orElse(-1) + 1;
  }

  /** Returns the class of an image. */
  public int classId(int image) {
    return classes[image];
  }

  /** Returns the first {@code count} tokens of each of {@code images}, image by image. */
  public long[] tokens(long[] images, int count) {
    long[] ids = new long[Math.multiplyExact(images.length, count)];
    for (int i = 0; i < images.length; i++) {
      int first = (int) images[i] * tokensPerImage;
      for (int token = 0; token < count; token++) {
        int place = 2 * (first + token);
        ids[i * count + token] = (tokens[place] & 0xff) | (tokens[place + 1] & 0xff) << 8;
      }
    }
    return ids;
  }
}
