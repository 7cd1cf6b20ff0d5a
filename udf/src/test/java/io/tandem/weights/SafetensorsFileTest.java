package io.tandem.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tandem.base.Sha256;
import io.tandem.base.UserError;
import io.tandem.model.NumberFormat;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsFileTest {

  private static final String AGAIN = ". Copy or download the file again, or save it again.";

  @TempDir Path folder;
  private Path path;

  @BeforeEach
  void choosePath() {
    path = folder.resolve("x.safetensors");
  }

  @Test
  void readsTensorsAndMetadata() throws IOException {
    save(
        "{'__metadata__':{'made by':'hand'},'b':{'dtype':'F32','shape':[2],'data_offsets':[4,12]},"
            + "'a':{'dtype':'F16','shape':[1,2],'data_offsets':[0,4]},"
            + "'none':{'dtype':'I64','shape':[0,7],'data_offsets':[12,12]},"
            + "'one':{'dtype':'U8','shape':[],'data_offsets':[12,13]}}   ",
        13);

    try (SafetensorsFile file = SafetensorsFile.open(path.toString())) {
      assertThat(file.names()).containsExactly("b", "a", "none", "one");
      assertThat(file.metadata()).containsExactly(Map.entry("made by", "hand"));
      assertThat(file.spec("a")).isEqualTo(TensorSpec.of("a", NumberFormat.FLOAT16, 1, 2));
      assertThat(bytes(file.read("a"))).containsExactly(0, 1, 2, 3);
      assertThat(bytes(file.read("b"))).containsExactly(4, 5, 6, 7, 8, 9, 10, 11);
      assertThat(bytes(file.read("none"))).isEmpty();
      assertThat(bytes(file.read("one"))).containsExactly(12);
      assertThat(file.read("b").isDirect()).isTrue();
      assertThat(file.read("b").order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
      assertThat(file.bytes()).isEqualTo(Files.size(path));
      byte[] digest = Sha256.start().digest(Files.readAllBytes(path));
      assertThat(file.sha256()).isEqualTo(HexFormat.of().formatHex(digest));
      assertThatThrownBy(() -> file.read("c"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("No tensor 'c' in '" + path + "'");
    }
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource
  void refusesHeadersThatLie(String header, String found) throws IOException {
    save(header, 8);

    assertRefused(found + AGAIN);
  }

  static Stream<Arguments> refusesHeadersThatLie() {
    String wrong = "its safetensors header is wrong: ";
    String noNumber = " with a number that is no integer from 0 to 2^63 - 1";
    return Stream.of(
        one("F32", "[2]", "[4,12]", "bytes 0 to 4 before tensor 'a' belong to no tensor"),
        one("F32", "[1]", "[0,4]", "bytes 4 to 8 belong to no tensor"),
        one(
            "F32",
            "[3]",
            "[0,12]",
            "tensor 'a' ends at byte 12, but there are only 8 bytes after the header"),
        one(
            "F32",
            "[2]",
            "[0,9]",
            wrong + "tensor 'a' lies in bytes 0 to 9, but shape [2] of F32 needs 8 bytes"),
        one(
            "F32",
            "[2]",
            "[8,0]",
            wrong + "tensor 'a' lies in bytes 8 to 0, but shape [2] of F32 needs 8 bytes"),
        one(
            "F64",
            "[2]",
            "[0,8]",
            wrong + "tensor 'a' lies in bytes 0 to 8, but shape [2] of F64 needs 16 bytes"),
        one("F32", "[2,-1]", "[0,8]", wrong + "tensor 'a' has a shape" + noNumber),
        one("F32", "[2]", "[-8,0]", wrong + "tensor 'a' has data_offsets" + noNumber),
        one("F32", "[2.0]", "[0,8]", wrong + "tensor 'a' has a shape" + noNumber),
        one("F32", "['2']", "[0,8]", wrong + "tensor 'a' has a shape" + noNumber),
        one("F32", "[[2]]", "[0,8]", wrong + "tensor 'a' has a shape" + noNumber),
        one("F32", "2", "[0,8]", wrong + "tensor 'a' has a shape that is no array"),
        one("F32", "[9223372036854775808]", "[0,8]", wrong + "tensor 'a' has a shape" + noNumber),
        one("F32", "[2]", "[0,8,16]", wrong + "tensor 'a' lacks dtype, shape or two data_offsets"),
        one(
            "F32",
            "[4611686018427387904,4]",
            "[0,8]",
            "Cannot use tensor 'a' of shape [4611686018427387904, 4]: it has more than 2^63 bytes"),
        one(
            "F8_E4M3",
            "[8]",
            "[0,8]",
            wrong
                + "tensor 'a' has numbers of type 'F8_E4M3' (known are U8, I32, I64, F16, BF16,"
                + " F32, F64)"),
        arguments(
            "{'a':{'dtype':'U8','shape':[8]}}",
            wrong + "tensor 'a' lacks dtype, shape or two data_offsets"),
        arguments("{'a':{'dtype':'U8','dtype':'U8'}}", wrong + "tensor 'a' has dtype twice"),
        arguments("{'a':{'x':1}}", wrong + "tensor 'a' has the unknown field x"),
        arguments("{'a':[]}", wrong + "tensor 'a' is no object"),
        arguments("[]", wrong + "it is no JSON object"),
        arguments("", wrong + "it is no JSON object"),
        arguments("{} {}", wrong + "there is text after the JSON object"),
        arguments("{'__metadata__':{'a':1}}", wrong + "__metadata__ has a value that is no text"),
        arguments("{'__metadata__':[]}", wrong + "__metadata__ is no object"),
        arguments("{'a'", wrong + "it is not valid JSON after byte 1"),
        arguments("{a:1}", wrong + "it is not valid JSON after byte 1"),
        arguments("{'a':{'dtype':'U8','shape':[1;2]", wrong + "it is not valid JSON after byte 29"),
        arguments("{}", "bytes 0 to 8 belong to no tensor"),
        arguments(
            "{'a':{'dtype':'U8','shape':[6],'data_offsets':[0,6]},"
                + "'b':{'dtype':'U8','shape':[6],'data_offsets':[2,8]}}",
            "tensor 'b' starts at byte 2, inside of the one before, which ends at 6"),
        arguments(
            "{'a':{'dtype':'U8','shape':[2],'data_offsets':[0,2]},"
                + "'b':{'dtype':'U8','shape':[4],'data_offsets':[4,8]}}",
            "bytes 2 to 4 before tensor 'b' belong to no tensor"),
        arguments(
            "{'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]},"
                + "'a':{'dtype':'U8','shape':[4],'data_offsets':[4,8]}}",
            wrong + "tensor 'a' appears twice"));
  }

  private static Arguments one(String dtype, String shape, String offsets, String found) {
    String tensor =
        "{'dtype':'" + dtype + "','shape':" + shape + ",'data_offsets':" + offsets + "}";
    return arguments("{'a':" + tensor + "}", found);
  }

  @Test
  void refusesAHeaderLongerThanTheFile() throws IOException {
    saveLength(11);
    String claims = "its safetensors header claims ";

    assertRefused(
        claims + "11 bytes (at most 100000000, and the file has 10 after the length)" + AGAIN);
    saveLength(-1);
    assertRefused(
        claims
            + "18446744073709551615 bytes (at most 100000000, and the file has 10 after the length)"
            + AGAIN);
  }

  @Test
  void refusesAHeaderOfMoreThan100Megabytes() throws IOException {
    saveLength(100_000_001);
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(200_000_000);
    }

    assertRefused(
        "its safetensors header claims 100000001 bytes (at most 100000000, and the file has"
            + " 199999992 after the length)"
            + AGAIN);
  }

  @Test
  void refusesAFileTooShortForALength() throws IOException {
    Files.write(path, new byte[] {1, 2, 3});

    assertRefused("it has 3 bytes, too few for a header" + AGAIN);
  }

  @Test
  void refusesToReadATensorOf2GiB() throws IOException {
    save("{'a':{'dtype':'U8','shape':[2147483648],'data_offsets':[0,2147483648]}}", 0);
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(file.length() + (1L << 31));
    }

    try (SafetensorsFile file = SafetensorsFile.open(path.toString())) {
      assertThatThrownBy(() -> file.read("a"))
          .isInstanceOf(UserError.class)
          .hasMessage(
              "Cannot load weights from '"
                  + path
                  + "': tensor 'a' has 2147483648 bytes (less than 2 GiB are supported). Split the"
                  + " tensor.");
    }
  }

  @Test
  void everyCutFileIsRefusedAndNoDamageIsMoreThanARefusal() throws IOException {
    save(
        "{'a':{'dtype':'U8','shape':[6],'data_offsets':[0,6]},"
            + "'b':{'dtype':'U8','shape':[2],'data_offsets':[6,8]}}",
        8);
    byte[] whole = Files.readAllBytes(path);
    Random random = new Random(3);

    for (int i = 1; i < whole.length; i++) {
      Files.write(path, Arrays.copyOf(whole, i));
      assertThatThrownBy(() -> WeightFiles.open(path.toString())).isInstanceOf(UserError.class);
      byte[] damaged = whole.clone();
      damaged[i] ^= (byte) (1 + random.nextInt(255));
      Files.write(path, damaged);
      try (WeightSource source = WeightFiles.open(path.toString())) {
        assertThat(source.names()).hasSize(2);
      } catch (UserError e) {
        assertThat(e).hasMessageStartingWith("Cannot load weights from '" + path + "': ");
      }
    }
  }

  private void save(String header, int dataBytes) throws IOException {
    byte[] json = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json);
    for (int i = 0; i < dataBytes; i++) {
      bytes.put((byte) i);
    }
    Files.write(path, bytes.array());
  }

  private void saveLength(long length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(18).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    Files.write(path, bytes.put((byte) '{').array());
  }

  private void assertRefused(String found) {
    assertThatThrownBy(() -> SafetensorsFile.open(path.toString()))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot load weights from '" + path + "': " + found);
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }
}
