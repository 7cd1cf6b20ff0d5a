package io.tandem.kernel;

import ai.djl.Model;
import ai.djl.pytorch.engine.PtSymbolBlock;
import io.tandem.model.DeviceSpec;
import io.tandem.model.NumberFormat;
import io.tandem.testing.SyntheticInception;
import io.tandem.weights.TensorSpec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/** Inception with synthetic weights on the two golden pictures, also with mistakes built in. */
final class InceptionRuns {

  /** How many pictures the golden numbers are of. */
  static final int IMAGES = 2;

  static final SyntheticInception WEIGHTS = SyntheticInception.ofTheRecipe();

  /**
   * What the network says, as numbers.
   *
   * @param features [2, 2048]
   * @param spatial [2, 2023]
   * @param logits [2, 1008]
   */
  record Numbers(float[] features, float[] spatial, float[] logits) {}

  private InceptionRuns() {}

  /** Returns the golden pictures, [2, 3, 299, 299]. */
  static Tensor planes(NativeScope scope, Resize resize, Scaling scaling) {
    Tensor bytes =
        PreprocessingKernel.bytes(
            scope,
            PreprocessingKernelTest.direct(PreprocessingKernelTest.goldenPictures()),
            40,
            56);
    return PreprocessingKernel.planes(scope, bytes, resize, scaling, InceptionKernel.SIDE);
  }

  static TensorsByName tensors(NativeScope scope) {
    TensorsByName tensors = TensorsByName.in(scope);
    for (String name : WEIGHTS.names()) {
      TensorSpec spec = WEIGHTS.spec(name);
      tensors.put(name, WEIGHTS.read(name), NumberFormat.FLOAT32, spec.sizes());
    }
    return tensors;
  }

  static InceptionWeights prepared(NativeScope scope, MapLayout layout, int images) {
    try (NativeScope reading = NativeScope.open(DeviceSpec.CPU)) {
      return InceptionKernel.prepare(scope, tensors(reading), layout, images);
    }
  }

  static Numbers run(NativeScope scope, InceptionWeights weights, Tensor planes) {
    InceptionKernel.Rows rows = InceptionKernel.rows(scope, weights, planes);
    return new Numbers(
        rows.features().toFloats(), rows.spatial().toFloats(), rows.logits().toFloats());
  }

  /** Returns the float64 numbers that define the golden ones: features, tap, logits. */
  static List<double[]> exact() {
    try (NativeScope scope = NativeScope.open(DeviceSpec.CPU)) {
      InceptionWeights weights =
          new InceptionWeights(
              scope,
              Kernels.call("inception")
                  .with(tensors(scope))
                  .with(MapLayout.PLAIN.kernelName())
                  .with(IMAGES)
                  .with(7)
                  .run());
      Tensor planes = planes(scope, Resize.TENSORFLOW_BILINEAR, Scaling.CENTRED);
      return Kernels.call("inception_rows").with(weights).with(planes).toTensors(scope).stream()
          .map(Tensor::toDoubles)
          .toList();
    }
  }

  /** Returns the numbers of kernels in which {@code right} stands as {@code wrong}. */
  static Numbers withMistake(String right, String wrong) throws Exception {
    try (Model model = Model.newInstance("mistaken", "PyTorch");
        NativeScope scope = NativeScope.open(DeviceSpec.CPU)) {
      model.load(new ByteArrayInputStream(mistaken(right, wrong)));
      PtSymbolBlock module = (PtSymbolBlock) model.getBlock();
      InceptionWeights weights =
          new InceptionWeights(
              scope,
              new KernelCall(module, "inception")
                  .with(tensors(scope))
                  .with(MapLayout.CHANNELS_LAST.kernelName())
                  .with(IMAGES)
                  .with(6)
                  .run());
      List<Tensor> rows =
          new KernelCall(module, "inception_rows")
              .with(weights)
              .with(planes(scope, Resize.TENSORFLOW_BILINEAR, Scaling.CENTRED))
              .toTensors(scope);
      return new Numbers(rows.get(0).toFloats(), rows.get(1).toFloats(), rows.get(2).toFloats());
    }
  }

  private static byte[] mistaken(String right, String wrong) throws Exception {
    ByteArrayOutputStream archive = new ByteArrayOutputStream();
    boolean found = false;
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(KernelArchive.toBytes()));
        ZipOutputStream out = new ZipOutputStream(archive)) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        byte[] bytes = in.readAllBytes();
        if (entry.getName().endsWith("/inception.py")) {
          String source = new String(bytes, StandardCharsets.UTF_8);
          found = source.contains(right);
          bytes = source.replace(right, wrong).getBytes(StandardCharsets.UTF_8);
        }
        out.putNextEntry(new ZipEntry(entry.getName()));
        out.write(bytes);
      }
    }
    if (!found) {
      throw new IllegalStateException("No line to make a mistake in: " + right);
    }
    return archive.toByteArray();
  }

  /** Returns planes that the network takes, from numbers in row-major order. */
  static Tensor planes(NativeScope scope, double[] numbers) {
    ByteBuffer buffer =
        ByteBuffer.allocateDirect(4 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
    for (double number : numbers) {
      buffer.putFloat((float) number);
    }
    int side = InceptionKernel.SIDE;
    return scope.of(buffer.flip(), NumberFormat.FLOAT32, IMAGES, 3, side, side);
  }
}
