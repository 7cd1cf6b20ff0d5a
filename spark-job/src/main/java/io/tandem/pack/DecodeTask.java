package io.tandem.pack;

import io.tandem.generate.BatchRequest;
import io.tandem.generate.DecodeConfig;
import io.tandem.generate.DecodeObserver;
import io.tandem.generate.ImageGenerator;
import io.tandem.generate.Sample;
import io.tandem.image.PixelRounding;
import io.tandem.image.RgbImage;
import io.tandem.metrics.LatencyMode;
import io.tandem.metrics.LatencyRecorder;
import io.tandem.npz.NpzFile;
import io.tandem.npz.NpzWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Features of the images that a plan decodes. Sample i is of class i mod the number of classes, and
 * its noise depends on the seed and on i alone, so that all points have the same samples.
 */
final class DecodeTask implements WorkFolder.Task<SamplePart> {

  private final PackPoint point;
  private final LoadedPack pack;
  private final ImageGenerator generator;

  DecodeTask(PackPoint point, LoadedPack pack) {
    this.point = point;
    this.pack = pack;
    PackSettings settings = pack.settings();
    this.generator =
        new ImageGenerator(
            pack.models(),
            new DecodeConfig(
                point.plan(), settings.guidance(), settings.sampling(), PixelRounding.NEAREST));
  }

  @Override
  public String name() {
    return point.name();
  }

  @Override
  public String identity() {
    PackSettings settings = pack.settings();
    return String.join(
        "\n",
        "plan " + point.plan(),
        pack.transformerIdentity(point.plan().models()),
        pack.tokeniserIdentity(),
        settings.guidance().toString(),
        settings.sampling().toString(),
        "seed " + settings.seeds().samples(),
        pack.reader().identity());
  }

  @Override
  public SamplePart compute(long first, long end) {
    int batch = pack.settings().amounts().batchSize();
    List<RgbImage> pictures = new ArrayList<>();
    long nanos = 0;
    for (long at = first; at < end; at += batch) {
      // the last batch is filled up with the samples that would follow
      List<Sample> samples =
          LongStream.range(at, at + batch)
              .mapToObj(i -> new Sample(i, (int) (i % pack.models().classes())))
              .toList();
      LatencyRecorder latency = new LatencyRecorder(LatencyMode.OFF, () -> {});
      BatchRequest request = BatchRequest.of(pack.settings().seeds().samples(), samples);
      long start = System.nanoTime();
      List<RgbImage> made = generator.generate(request, latency, DecodeObserver.NONE).images();
      nanos += System.nanoTime() - start;
      pictures.addAll(made.subList(0, (int) Math.min(batch, end - at)));
    }
    return pack.reader().read(pictures, first, nanos);
  }

  @Override
  public void write(NpzWriter npz, SamplePart part) {
    part.write(npz);
  }

  @Override
  public SamplePart read(NpzFile npz) {
    return SamplePart.read(npz);
  }
}
