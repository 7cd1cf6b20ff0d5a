package io.tandem.fid;

import static io.tandem.fid.GoldenSets.X;
import static io.tandem.fid.GoldenSets.Y;
import static io.tandem.fid.GoldenSets.statistics;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.npz.NpzFile;
import io.tandem.npz.NpzWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReferenceFileTest {

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("reference.npz");
  }

  @Test
  void keepsAllOfAReference() {
    FeatureSet sample = FeatureSet.of(Y);
    Reference before =
        new Reference(
            statistics(X),
            Optional.of(statistics(X.stream().map(row -> new float[] {row[3], row[1]}).toList())),
            Optional.of(sample),
            Optional.of("inception 6726825d, adm, ünïcode <script>"));
    List<byte[]> pictures =
        List.of(new byte[12], new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 0, -1, -2});

    ReferenceFile.write(
        file, before, Optional.of(new ReferenceFile.Pictures(2, 1, 4, pictures.iterator())));
    Reference after = ReferenceFile.read(file);

    assertThat(after.features().covariance()).isEqualTo(before.features().covariance());
    assertThat(after.features().count()).hasValue(64);
    assertThat(after.spatial().orElseThrow().mean())
        .isEqualTo(before.spatial().orElseThrow().mean());
    assertThat(after.sample().orElseThrow().toFloats()).containsExactly(sample.toFloats());
    assertThat(after.identity()).isEqualTo(before.identity());
    try (NpzFile npz = NpzFile.open(file)) {
      assertThat(npz.names())
          .containsExactly(
              "mu", "sigma", "count", "mu_s", "sigma_s", "identity", "features", "arr_0");
      assertThat(npz.array("arr_0").shape()).containsExactly(2L, 1L, 4L, 3L);
      assertThat(npz.array("arr_0").toBytes()).endsWith(9, 0, -1, -2);
    }
    assertThat(StatisticsFile.read(file).mean()).isEqualTo(before.features().mean());
  }

  @Test
  void keepsStatisticsAlone() {
    ReferenceFile.write(file, Reference.of(statistics(X)), Optional.empty());

    Reference reference = ReferenceFile.read(file);

    assertThat(reference.spatial()).isEmpty();
    assertThat(reference.sample()).isEmpty();
    assertThat(reference.identity()).isEmpty();
  }

  /** Written by NumPy 2.4.6 with {@code savez}; the spatial statistics are float32. */
  @Test
  void readsAReferenceOfAdm() throws IOException {
    copy("adm.npz");

    Reference reference = ReferenceFile.read(file);

    assertThat(reference.features().mean()).containsExactly(1.5, -2);
    assertThat(reference.features().covariance()).isEqualTo(Matrix.of(2, 2, 2, 0.5, 0.5, 1));
    assertThat(reference.spatial().orElseThrow().mean()).containsExactly(0.25, 1, 4);
    assertThat(reference.spatial().orElseThrow().covariance()).isEqualTo(Matrix.diagonal(2, 2, 2));
    assertThat(reference.features().count()).isEmpty();
  }

  /** Written by NumPy 2.4.6 with {@code savez_compressed}, as pytorch-fid does. */
  @Test
  void readsStatisticsOfPytorchFid() throws IOException {
    copy("compressed.npz");

    assertThat(ReferenceFile.read(file).features().mean()).containsExactly(1.5, -2);
    assertThat(StatisticsFile.read(file).covariance()).isEqualTo(Matrix.of(2, 2, 2, 0.5, 0.5, 1));
  }

  @Test
  void rejectsASampleOfAnotherNetwork() {
    write(
        npz -> {
          unitGaussian(npz);
          npz.floats("features", new float[6], 2, 3);
        });

    assertRefused(
        "Cannot use the features in '%s': they are FLOAT32 [2, 3] (FLOAT32 [n, 2], at most"
            + " 1073741824 bytes). Make the reference again.");
  }

  @Test
  void rejectsASampleThatIsNotFloat32() {
    write(
        npz -> {
          unitGaussian(npz);
          npz.doubles("features", new double[2], 1, 2);
        });

    assertRefused(
        "Cannot use the features in '%s': they are FLOAT64 [1, 2] (FLOAT32 [n, 2], at most"
            + " 1073741824 bytes). Make the reference again.");
  }

  @Test
  void rejectsASampleWithNumbersThatAreNone() {
    write(
        npz -> {
          unitGaussian(npz);
          npz.floats("features", new float[] {0, 1, Float.NaN, 1}, 2, 2);
        });

    assertThatThrownBy(() -> ReferenceFile.read(file))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot use the features of sample 1: number 0 is NaN (finite). Check the pictures and"
                + " the weights of the feature network.");
  }

  @Test
  void rejectsSpatialStatisticsWithoutTheirCovariance() {
    write(
        npz -> {
          unitGaussian(npz);
          npz.doubles("mu_s", new double[3], 3);
        });

    assertRefused(
        "Cannot read array 'sigma_s' of '%s': there is none (it holds [mu, sigma, mu_s])");
  }

  @Test
  void rejectsSpatialStatisticsThatDoNotMatch() {
    write(
        npz -> {
          unitGaussian(npz);
          npz.doubles("mu_s", new double[3], 3);
          npz.doubles("sigma_s", new double[4], 2, 2);
        });

    assertRefused(
        "Cannot use the statistics in '%s': mu_s is [3], sigma_s [2, 2] ([d] and [d, d]). Use a file"
            + " of feature statistics.");
  }

  @Test
  void rejectsAnIdentityThatIsTooLong() {
    write(
        npz -> {
          unitGaussian(npz);
          npz.bytes("identity", new byte[65_537], 65_537);
        });

    assertRefused(
        "Cannot use the identity in '%s': it is [65537] (at most [65536]). Make the reference"
            + " again.");
  }

  /** Shapes are refused before their numbers are read: there are none here. */
  @Test
  void rejectsStatisticsOfTooManyFeatures() throws IOException {
    writeHeaders("'<f8'", "9000,", "9000, 9000");
    assertRefused(
        "Cannot use the statistics in '%s': they are of 9000 features (at most 4096). Use a file of"
            + " feature statistics.");

    writeHeaders("'<f8'", "1099511627776,", "1099511627776, 1099511627776");
    assertRefused(
        "Cannot use the statistics in '%s': they are of 1099511627776 features (at most 4096). Use a"
            + " file of feature statistics.");

    writeHeaders("'<f8'", "4096,", "4096, 4096");
    assertRefused("Cannot read array 'mu' of '%s': it has fewer bytes than its shape [4096] needs");
  }

  @Test
  void rejectsAPickle() throws IOException {
    writeHeaders("'|O'", "2,", "2, 2");

    assertRefused(
        "Cannot read array 'mu' of '%s': its numbers are '|O' (one of [<f2, <f4, <f8, <i4, <i8,"
            + " |u1])");
  }

  @Test
  void rejectsSamplesOfAnotherDimensionThanTheStatistics() {
    assertThatThrownBy(
            () ->
                new Reference(
                    statistics(X),
                    Optional.empty(),
                    Optional.of(FeatureSet.of(List.of(new float[3]))),
                    Optional.empty()))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot use statistics of 8 features with a sample of 3 (equal numbers)");
  }

  private void assertRefused(String message) {
    assertThatThrownBy(() -> ReferenceFile.read(file))
        .isInstanceOf(UserError.class)
        .hasMessage(message, file);
  }

  private static void unitGaussian(NpzWriter npz) {
    npz.doubles("mu", new double[2], 2);
    npz.doubles("sigma", new double[] {1, 0, 0, 1}, 2, 2);
  }

  private void write(Consumer<NpzWriter> content) {
    try (NpzWriter npz = NpzWriter.create(file)) {
      content.accept(npz);
      npz.commit();
    }
  }

  /** Writes {@code mu} and {@code sigma} without numbers. */
  private void writeHeaders(String descr, String meanShape, String covarianceShape)
      throws IOException {
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (String[] array : new String[][] {{"mu", meanShape}, {"sigma", covarianceShape}}) {
        String dictionary =
            "{'descr': %s, 'fortran_order': False, 'shape': (%s), }".formatted(descr, array[1]);
        ByteBuffer header = ByteBuffer.allocate(10 + dictionary.length());
        header.order(ByteOrder.LITTLE_ENDIAN).put((byte) 0x93);
        header.put("NUMPY\1\0".getBytes(StandardCharsets.US_ASCII));
        header.putShort((short) dictionary.length());
        header.put(dictionary.getBytes(StandardCharsets.US_ASCII));
        zip.putNextEntry(new ZipEntry(array[0] + ".npy"));
        zip.write(header.array());
      }
    }
  }

  private void copy(String resource) throws IOException {
    try (InputStream in = NpzFile.class.getResourceAsStream(resource)) {
      Files.copy(in, file);
    }
  }
}
