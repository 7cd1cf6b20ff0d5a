package io.tandem.pack;

import io.tandem.model.NumberFormat;
import io.tandem.npz.NpzArrayWriter;
import io.tandem.npz.NpzFile;
import io.tandem.npz.NpzWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Some consecutive pictures after tokeniser and back. n pictures, L tokens of each.
 *
 * @param samples the reconstructions as the feature network sees them
 * @param squaredErrors of each picture, summed over its channels
 * @param tokens of each picture [L], coarse to fine
 */
record ReconstructionPart(SamplePart samples, List<Long> squaredErrors, List<int[]> tokens) {

  private static final String ERRORS = "squared_errors";
  private static final String TOKENS = "tokens";

  ReconstructionPart {
    squaredErrors = List.copyOf(squaredErrors);
    tokens = List.copyOf(tokens);
  }

  /** Writes the arrays squared_errors [n] and tokens [n, L] beside those of the samples. */
  void write(NpzWriter npz) {
    samples.write(npz);
    npz.longs(
        ERRORS, squaredErrors.stream().mapToLong(Long::longValue).toArray(), squaredErrors.size());
    int length = tokens.get(0).length;
    ByteBuffer ids =
        ByteBuffer.allocate(tokens.size() * length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    tokens.forEach(picture -> Arrays.stream(picture).forEach(ids::putInt));
    try (NpzArrayWriter array = npz.array(TOKENS, NumberFormat.INT32, tokens.size(), length)) {
      array.write(ids.flip());
    }
  }

  /** Reads what {@link #write} wrote. */
  static ReconstructionPart read(NpzFile npz) {
    SamplePart samples = SamplePart.read(npz);
    List<Long> errors = Arrays.stream(npz.array(ERRORS).toLongs()).boxed().toList();
    long[] ids = npz.array(TOKENS).toLongs();
    int length = ids.length / errors.size();
    List<int[]> tokens = new ArrayList<>();
    for (int i = 0; i < errors.size(); i++) {
      tokens.add(
          Arrays.stream(ids, i * length, (i + 1) * length).mapToInt(Math::toIntExact).toArray());
    }
    return new ReconstructionPart(samples, errors, tokens);
  }
}
