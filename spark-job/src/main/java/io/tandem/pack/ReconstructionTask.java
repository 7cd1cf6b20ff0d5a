package io.tandem.pack;

import io.tandem.dataset.LabelledImages;
import io.tandem.generate.DecodeObserver;
import io.tandem.generate.TokenDecoder;
import io.tandem.generate.TokenEncoder;
import io.tandem.image.PixelRounding;
import io.tandem.image.RgbImage;
import io.tandem.model.ScaleSchedule;
import io.tandem.npz.NpzFile;
import io.tandem.npz.NpzWriter;
import io.tandem.quality.PeakSignalToNoise;
import io.tandem.vq.ImageEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/** Tokens and reconstructions of held-out pictures. */
final class ReconstructionTask implements WorkFolder.Task<ReconstructionPart> {

  static final String NAME = "reconstructions";

  private final LabelledImages images;
  private final LoadedPack pack;
  private final ScaleSchedule schedule;
  private final TokenEncoder encoder;
  private final TokenDecoder decoder;

  /** Makes a task; {@code encoder} is of the pack and stays open while it is used. */
  ReconstructionTask(LabelledImages images, LoadedPack pack, ImageEncoder encoder) {
    this.images = images;
    this.pack = pack;
    this.schedule = pack.models().latent().schedule();
    this.encoder = new TokenEncoder(encoder, pack.models().device());
    this.decoder = new TokenDecoder(pack.models().tokenizer(), schedule, pack.models().device());
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String identity() {
    return String.join("\n", images.identity(), pack.tokeniserIdentity(), pack.reader().identity());
  }

  @Override
  public ReconstructionPart compute(long first, long end) {
    int batch = pack.settings().amounts().batchSize();
    List<RgbImage> reconstructions = new ArrayList<>();
    List<Long> errors = new ArrayList<>();
    List<int[]> tokens = new ArrayList<>();
    long nanos = 0;
    for (long at = first; at < end; at += batch) {
      List<RgbImage> pictures =
          LongStream.range(at, Math.min(end, at + batch)).mapToObj(images::image).toList();
      long start = System.nanoTime();
      List<long[]> maps = encoder.encode(pictures);
      List<RgbImage> made = decoder.decode(maps, PixelRounding.NEAREST, DecodeObserver.NONE);
      nanos += System.nanoTime() - start;
      for (int i = 0; i < pictures.size(); i++) {
        errors.add(PeakSignalToNoise.squaredErrors(pictures.get(i), made.get(i)));
        tokens.add(tokens(maps, i));
      }
      reconstructions.addAll(made);
    }
    return new ReconstructionPart(
        pack.reader().read(reconstructions, first, nanos), errors, tokens);
  }

  /** Returns the tokens of one image, coarse to fine. */
  private int[] tokens(List<long[]> maps, int image) {
    int[] ids = new int[schedule.totalTokens()];
    for (int scale = 0; scale < schedule.scales(); scale++) {
      int length = schedule.tokens(scale);
      for (int token = 0; token < length; token++) {
        ids[schedule.offset(scale) + token] = (int) maps.get(scale)[image * length + token];
      }
    }
    return ids;
  }

  @Override
  public void write(NpzWriter npz, ReconstructionPart part) {
    part.write(npz);
  }

  @Override
  public ReconstructionPart read(NpzFile npz) {
    return ReconstructionPart.read(npz);
  }
}
