package io.tandem.job;

import static io.tandem.base.Checks.check;

import io.tandem.base.UserError;
import io.tandem.generate.TokenEncoder;
import io.tandem.image.ImageFile;
import io.tandem.image.RgbImage;
import io.tandem.model.DeviceSpec;
import io.tandem.model.Precision;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VqConfig;
import io.tandem.vq.ImageEncoder;
import io.tandem.weights.WeightSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Turns image files into tokens, batch by batch. */
public final class EncodeJob {

  private final WeightSource tokeniser;
  private final VqConfig config;
  private final List<Path> files;

  /** Makes a job on {@code files}, at least one; {@code sources} stay open. */
  public EncodeJob(ModelSources sources, List<Path> files) {
    check(!files.isEmpty(), "Cannot encode no pictures (at least one is needed)");
    this.tokeniser = sources.tokeniser();
    this.config = sources.tokeniserConfig();
    this.files = List.copyOf(files);
  }

  /**
   * Returns the schedule of the released models for pictures of this size.
   *
   * @throws io.tandem.base.UserError if there is none
   */
  public ScaleSchedule usualSchedule() {
    int side = ImageFile.read(files.get(0)).width();
    for (ScaleSchedule usual : List.of(ScaleSchedule.PIXELS_256, ScaleSchedule.PIXELS_512)) {
      if (usual.finestSide() * config.pixelsPerCell() == side) {
        return usual;
      }
    }
    int cell = config.pixelsPerCell();
    throw UserError.of(
        "Cannot encode '%s': no usual schedule is for pictures of side %d (%d or %d with this"
            + " tokeniser). Pass --sides, or the --model whose schedule it is.",
        files.get(0),
        side,
        ScaleSchedule.PIXELS_256.finestSide() * cell,
        ScaleSchedule.PIXELS_512.finestSide() * cell);
  }

  /**
   * Returns the tokens of all pictures, in the order of the files.
   *
   * @throws io.tandem.base.UserError if a file is no picture, or one of another size
   */
  public StoredTokens run(
      ScaleSchedule schedule, Precision precision, DeviceSpec device, int batchSize) {
    check(batchSize >= 1, "Cannot encode batches of %d pictures (at least 1)", batchSize);
    int side = schedule.finestSide() * config.pixelsPerCell();
    List<RgbImage> pictures = new ArrayList<>();
    for (Path file : files) {
      RgbImage picture = ImageFile.read(file);
      check(
          picture.width() == side && picture.height() == side,
          "Cannot encode '%s': it has %s (%d x %d are needed). Resize it.",
          file,
          picture,
          side,
          side);
      pictures.add(picture);
    }
    List<List<long[]>> batches = new ArrayList<>();
    try (ImageEncoder loaded = ImageEncoder.load(tokeniser, schedule, precision, device)) {
      TokenEncoder encoder = new TokenEncoder(loaded, device);
      for (int first = 0; first < pictures.size(); first += batchSize) {
        int end = Math.min(pictures.size(), first + batchSize);
        batches.add(encoder.encode(pictures.subList(first, end)));
      }
    }
    return new StoredTokens(
        files.size(),
        StoredTokens.joined(batches, files.size()),
        Optional.empty(),
        OptionalLong.empty());
  }
}
