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
import java.io.IOException;
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
 * <p>Ids take two bytes each, so vocabularies of up to 65,536 codes fit. On disk they are parts of
 * {@value #PART} images, each written when it is complete, so that a killed run repeats one part at
 * most.
 */
public final class TokenSet {

  /** How many codes a vocabulary may have. */
  public static final int MAX_VOCABULARY = 1 << 16;

  /** Images of a part. */
  static final int PART = 4096;

  private static final int BATCH = 16;
  private static final int MAX_CLASS = 1 << 30;
  private static final String TOKENS = "tokens";
  private static final String CLASSES = "classes";
  private static final String IDENTITY = "identity";

  private final int tokensPerImage;
  private final List<Part> parts;
  private final String identity;

  private TokenSet(int tokensPerImage, List<Part> parts, String identity) {
    this.tokensPerImage = tokensPerImage;
    this.parts = parts;
    this.identity = identity;
  }

  /** Tokens [images, tokens, 2], the low byte of an id first, and the class of each image. */
  @SuppressWarnings("ArrayRecordComponent") // private, compared by nobody
  private record Part(byte[] tokens, long[] classes) {}

  /** Encodes a batch of pictures to token maps, scale by scale: [B * side * side] each. */
  public interface Encoder extends Function<List<RgbImage>, List<long[]>> {}

  /**
   * Returns the tokens of {@code images}: those parts that {@code folder} holds are read, the
   * others computed and written there.
   *
   * @param encoder the tokeniser
   * @param tokeniser names the tokeniser's weights
   * @param folder is made if it is not there
   * @throws UserError if the folder holds parts of something else, or cannot be written
   */
  public static TokenSet of(
      LabelledImages images,
      Encoder encoder,
      String tokeniser,
      ScaleSchedule schedule,
      Path folder) {
    String identity = images.identity() + ", tokeniser " + tokeniser;
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw UserError.because(e, "Cannot make the folder '%s' for tokens: %s", folder, e);
    }
    List<Part> parts = new ArrayList<>();
    for (long first = 0; first < images.size(); first += PART) {
      int count = (int) Math.min(PART, images.size() - first);
      Path file = folder.resolve("tokens-%09d.npz".formatted(first));
      if (Files.exists(file)) {
        parts.add(read(file, identity, count, schedule.totalTokens()));
      } else {
        Part part = compute(images, first, count, encoder, schedule);
        write(file, part, identity, schedule.totalTokens());
        parts.add(part);
      }
    }
    return new TokenSet(schedule.totalTokens(), List.copyOf(parts), identity);
  }

  private static Part compute(
      LabelledImages images, long start, int count, Encoder encoder, ScaleSchedule schedule) {
    int perImage = schedule.totalTokens();
    byte[] tokens = new byte[Math.multiplyExact(2 * count, perImage)];
    long[] classes = new long[count];
    for (int first = 0; first < count; first += BATCH) {
      List<RgbImage> batch = new ArrayList<>();
      for (int i = first; i < Math.min(count, first + BATCH); i++) {
        batch.add(images.image(start + i));
        classes[i] = images.classId(start + i);
      }
      List<long[]> maps = encoder.apply(batch);
      for (int scale = 0; scale < schedule.scales(); scale++) {
        int size = schedule.tokens(scale);
        int offset = schedule.offset(scale);
        for (int i = 0; i < batch.size(); i++) {
          for (int token = 0; token < size; token++) {
            int place = 2 * ((first + i) * perImage + offset + token);
            long id = maps.get(scale)[i * size + token];
            check(
                id >= 0 && id < MAX_VOCABULARY,
                "Cannot keep token %d (0 to %d). Use a vocabulary of at most %d codes.",
                id,
                MAX_VOCABULARY - 1,
                MAX_VOCABULARY);
            tokens[place] = (byte) id;
            tokens[place + 1] = (byte) (id >> 8);
          }
        }
      }
    }
    return new Part(tokens, classes);
  }

  private static void write(Path file, Part part, String identity, int tokensPerImage) {
    byte[] name = identity.getBytes(StandardCharsets.UTF_8);
    try (NpzWriter writer = NpzWriter.create(file)) {
      writer.bytes(TOKENS, part.tokens, part.classes.length, tokensPerImage, 2);
      writer.longs(CLASSES, part.classes, part.classes.length);
      writer.bytes(IDENTITY, name, name.length);
      writer.commit();
    }
  }

  private static Part read(Path file, String identity, int images, int tokensPerImage) {
    try (NpzFile npz = NpzFile.open(file)) {
      NpzArray tokens = npz.array(TOKENS);
      NpzArray classes = npz.array(CLASSES);
      String stored = new String(npz.array(IDENTITY).toBytes(), StandardCharsets.UTF_8);
      if (!stored.equals(identity)) {
        throw UserError.of(
            "Cannot use the tokens in '%s': they are of other images or another tokeniser:\n"
                + "  there: %s\n  here:  %s\nRemove the folder, or choose another one.",
            file, stored, identity);
      }
      List<Long> shape = List.of((long) images, (long) tokensPerImage, 2L);
      check(
          tokens.format() == NumberFormat.UINT8
              && tokens.shape().equals(shape)
              && classes.shape().equals(shape.subList(0, 1)),
          "Cannot use the tokens in '%s': they are %s %s (uint8 %s is needed). Remove the file.",
          file,
          tokens.format(),
          tokens.shape(),
          shape);
      Part part = new Part(tokens.toBytes(), classes.toLongs());
      for (long classId : part.classes) {
        check(
            classId >= 0 && classId <= MAX_CLASS,
            "Cannot use the tokens in '%s': they hold a class %d. Remove the file.",
            file,
            classId);
      }
      return part;
    }
  }

  /** Returns one line that names images and tokeniser. */
  public String identity() {
    return identity;
  }

  /** Returns how many tokens each image has. */
  public int tokensPerImage() {
    return tokensPerImage;
  }

  /** Returns the number of images. */
  public long images() {
    return parts.stream().mapToLong(part -> part.classes.length).sum();
  }

  /** Returns the number of classes: one more than the largest class id. */
  public int classes() {
    return (int) parts.stream().flatMapToLong(part -> Arrays.stream(part.classes)).max().orElse(-1)
        + 1;
  }

  /** Returns the class of an image. */
  public int classId(long image) {
    return (int) part(image).classes[(int) (image % PART)];
  }

  /** Returns the first {@code count} tokens of each of {@code images}, image by image. */
  public long[] tokens(long[] images, int count) {
    long[] ids = new long[Math.multiplyExact(images.length, count)];
    for (int i = 0; i < images.length; i++) {
      byte[] tokens = part(images[i]).tokens;
      int first = (int) (images[i] % PART) * tokensPerImage;
      for (int token = 0; token < count; token++) {
        int place = 2 * (first + token);
        ids[i * count + token] = (tokens[place] & 0xff) | (tokens[place + 1] & 0xff) << 8;
      }
    }
    return ids;
  }

  private Part part(long image) {
    return parts.get(Math.toIntExact(image / PART));
  }
}
