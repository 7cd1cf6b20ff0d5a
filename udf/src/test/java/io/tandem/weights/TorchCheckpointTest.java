package io.tandem.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.Sha256;
import io.tandem.base.UserError;
import io.tandem.model.NumberFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TorchCheckpointTest {

  private static final float[] TEN = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  private static final String RESAVE = ". Save it again with torch.save.";

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(NumberFormat.class)
  void readsNumbersOfEveryFormatAsTheyAreStored(NumberFormat format) throws IOException {
    ByteBuffer numbers = ByteBuffer.allocateDirect(6 * format.bytes());
    new Random(1).ints(numbers.limit()).forEach(number -> numbers.put((byte) number));
    EditedWeights one =
        new EditedWeights("x", RandomWeightsTest.TINY)
            .withoutAll(".*")
            .with(TensorSpec.of("w", format, 2, 3), numbers.flip());
    Path path = TorchFiles.save(folder.resolve("x.pth"), one, StoredZip.Form.AS_NEEDED);

    try (TorchCheckpoint checkpoint = TorchCheckpoint.open(path.toString())) {
      assertThat(checkpoint.spec("w")).isEqualTo(TensorSpec.of("w", format, 2, 3));
      ByteBuffer read = checkpoint.read("w");
      assertThat(read.isDirect()).isTrue();
      assertThat(read.isReadOnly()).isTrue();
      assertThat(read.order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
      assertThat(read).isEqualTo(numbers.rewind());
    }
  }

  @ParameterizedTest
  @EnumSource(StoredZip.Form.class)
  void readsWhatWasSavedAndItsDigest(StoredZip.Form form) throws Exception {
    Path path = TorchFiles.save(folder.resolve("x.pth"), RandomWeightsTest.TINY, form);

    try (TorchCheckpoint checkpoint = TorchCheckpoint.open(path.toString())) {
      assertThat(checkpoint.names()).containsExactlyElementsOf(RandomWeightsTest.TINY.names());
      for (String name : checkpoint.names()) {
        assertThat(checkpoint.spec(name)).isEqualTo(RandomWeightsTest.TINY.spec(name));
        assertThat(checkpoint.read(name)).isEqualTo(RandomWeightsTest.TINY.read(name));
      }
      byte[] digest = Sha256.start().digest(Files.readAllBytes(path));
      assertThat(checkpoint.sha256()).isEqualTo(HexFormat.of().formatHex(digest));
      assertThat(checkpoint.bytes()).isEqualTo(Files.size(path));
      assertThat(checkpoint.origin()).isEqualTo(path.toString());
    }
  }

  @Test
  void readsTheFormatBeforeTorch16() throws IOException {
    Path path = TorchFiles.saveOld(folder.resolve("x.pth"), RandomWeightsTest.TINY);

    assertHoldsTiny(path);
  }

  @Test
  void readsTheTensorsOfAScriptModuleUnderTheNamesOfItsStateDict() throws IOException {
    Path path = TorchFiles.saveScript(folder.resolve("x.pt"), RandomWeightsTest.TINY);

    assertHoldsTiny(path);
  }

  private static void assertHoldsTiny(Path path) {
    try (WeightSource source = WeightFiles.open(path.toString())) {
      assertThat(source.names())
          .containsExactlyInAnyOrderElementsOf(RandomWeightsTest.TINY.names());
      for (String name : source.names()) {
        assertThat(source.spec(name)).isEqualTo(RandomWeightsTest.TINY.spec(name));
        assertThat(source.read(name)).isEqualTo(RandomWeightsTest.TINY.read(name));
      }
    }
  }

  @Test
  void refusesAScriptModuleThatContainsItself() throws IOException {
    Path path = folder.resolve("x.pt");
    byte[] circle =
        PickleBytes.protocol2()
            .global("__torch__", "Root")
            .op(')', 0x81, 'q', 0, '}', '(')
            .text("inner")
            .op('h', 0)
            .endObject()
            .op('.')
            .toBytes();
    try (StoredZip zip = new StoredZip(path, StoredZip.Form.AS_NEEDED)) {
      zip.add("net/data.pkl", circle);
      zip.add("net/constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
    }

    assertRefused(
        path,
        "its objects are nested more than 64 deep, hold more than 100000 values or have names of"
            + " more than 1024 characters"
            + RESAVE);
  }

  @Test
  void onlyAScriptArchiveMayHoldObjects() throws IOException {
    PickleBytes pickle = PickleBytes.protocol2().scriptObject("Root").endObject().op('.');
    Path path = TorchFiles.save(folder.resolve("x.pth"), pickle, Map.of());

    assertRefused(
        path,
        "its pickle names the global __torch__.Root (only tensors and plain containers are"
            + " allowed). Nothing of it was run: ask its author for a plain state dict.");
  }

  @Test
  void aScriptArchiveMayHoldNoOtherObjects() throws IOException {
    Path path = folder.resolve("x.pt");
    try (StoredZip zip = new StoredZip(path, StoredZip.Form.AS_NEEDED)) {
      zip.add("net/data.pkl", PickleBytes.protocol2().global("os", "system").toBytes());
      zip.add("net/constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
    }

    assertRefused(
        path,
        "its pickle names the global os.system (only tensors and plain containers are allowed)."
            + " Nothing of it was run: ask its author for a plain state dict.");
  }

  @Test
  void refusesBigEndianNumbersOfOldTorch() throws IOException {
    Path path = folder.resolve("x.pth");
    byte[] head = TorchFiles.oldHead("big");
    byte[] pickles = PickleBytes.protocol2().op('}', '.', 0x80, 2, ']', '.').toBytes();
    Files.write(path, concatenated(head, pickles));

    assertRefused(
        path,
        "its byte order is 'big' (little is supported). Save it again on a little-endian machine.");
  }

  @Test
  void refusesAnOldStorageThatEndsTooEarly() throws IOException {
    Path path = TorchFiles.saveOld(folder.resolve("x.pth"), oneTensor());
    byte[] whole = Files.readAllBytes(path);
    Files.write(path, Arrays.copyOf(whole, whole.length - 1));

    assertRefused(
        path,
        "storage '0' claims 10 numbers from byte "
            + (whole.length - 48)
            + " on, which lie outside the file. The file is cut short or damaged: copy or download"
            + " it again.");
  }

  private static byte[] concatenated(byte[] a, byte[] b) {
    byte[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  private static WeightSource oneTensor() {
    ByteBuffer numbers = ByteBuffer.allocateDirect(40).put(TorchFiles.bytes(TEN)).flip();
    return new EditedWeights("x", RandomWeightsTest.TINY)
        .withoutAll(".*")
        .with(TensorSpec.of("layers.x", NumberFormat.FLOAT32, 2, 5), numbers);
  }

  @Test
  void isDigestedWhileItIsRead() throws Exception {
    WeightSource saved = RandomWeightsTest.TINY_VQ;
    Path path = TorchFiles.save(folder.resolve("x.pth"), saved, StoredZip.Form.AS_NEEDED);
    byte[] digest = Sha256.start().digest(Files.readAllBytes(path));
    ExecutorService threads = Executors.newFixedThreadPool(2);

    try (TorchCheckpoint checkpoint = TorchCheckpoint.open(path.toString())) {
      Future<String> first = threads.submit(checkpoint::sha256);
      Future<String> second = threads.submit(checkpoint::sha256);
      for (String name : checkpoint.names()) {
        assertThat(checkpoint.read(name)).isEqualTo(saved.read(name));
      }
      assertThat(List.of(first.get(), second.get())).containsOnly(HexFormat.of().formatHex(digest));
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void readsTensorsThatShareAStorageAndParameters() throws IOException {
    PickleBytes storage = new PickleBytes().storage("FloatStorage", "0", 10);
    PickleBytes pickle =
        PickleBytes.protocol2()
            .global("collections", "OrderedDict")
            .op(')', 'R', '(')
            .text("a")
            .tensor(storage, 0, List.of(4L), List.of(1L))
            .text("b")
            .global("torch._utils", "_rebuild_parameter")
            .tensor(storage, 4, List.of(2L, 3L), List.of(3L, 1L))
            .op(0x88, 'N', 0x87, 'R')
            .text("epoch")
            .number(3)
            .op('u', '}')
            .text("_metadata")
            .op('}', 's', 'b', '.');
    Path path =
        TorchFiles.save(folder.resolve("x.pth"), pickle, Map.of("0", TorchFiles.bytes(TEN)));

    try (TorchCheckpoint checkpoint = TorchCheckpoint.open(path.toString())) {
      assertThat(checkpoint.names()).containsExactly("a", "b");
      assertThat(TorchFiles.floats(checkpoint.read("a"))).containsExactly(0, 1, 2, 3);
      assertThat(TorchFiles.floats(checkpoint.read("b"))).containsExactly(4, 5, 6, 7, 8, 9);
    }
  }

  @Test
  void findsTheModelInATrainingCheckpoint() throws IOException {
    PickleBytes storage = new PickleBytes().storage("FloatStorage", "0", 10);
    PickleBytes flags = new PickleBytes().storage("BoolStorage", "1", 1);
    PickleBytes pickle =
        PickleBytes.protocol2()
            .op('}', '(')
            .text("epoch")
            .number(7)
            .text("args")
            .op('}', '(')
            .text("pn")
            .text("1_2_3")
            .text("lr")
            .op('G', 0x3f, 0xf8, 0, 0, 0, 0, 0, 0)
            .text("saln")
            .op(0x89)
            .text("device")
            .global("torch", "device")
            .text("cuda")
            .op(0x85, 'R')
            .text("dtype")
            .global("torch", "float32")
            .op('u')
            .text("trainer")
            .op('}', '(')
            .text("config")
            .op('}')
            .text("patch_nums")
            .tuple(List.of(1L, 2L))
            .op('s')
            .text("var_opt")
            .op('}', 'K', 0)
            .tensor(flags, 0, List.of(9L), List.of(-1L))
            .op('s')
            .text("var_wo_ddp")
            .op('}')
            .text("w")
            .tensor(storage, 0, List.of(10L), List.of(1L))
            .op('s', 'u', 'u', '.');
    Path path =
        TorchFiles.save(folder.resolve("x.pth"), pickle, Map.of("0", TorchFiles.bytes(TEN)));

    try (TorchCheckpoint checkpoint = TorchCheckpoint.open(path.toString())) {
      assertThat(checkpoint.names()).containsExactly("w");
      assertThat(TorchFiles.floats(checkpoint.read("w"))).containsExactly(TEN);
    }
  }

  @Test
  void refusesAStorageThatIsLargerThanItsRecord() throws IOException {
    PickleBytes storage = new PickleBytes().storage("FloatStorage", "0", 11);
    Path path = saveTensor(storage, Map.of("0", TorchFiles.bytes(TEN)));

    assertRefused(
        path,
        "the storage of tensor 'x' claims 11 numbers of 4 bytes, but its record data/0 has 40 bytes"
            + RESAVE);
  }

  @Test
  void refusesAStorageThatIsNotThere() throws IOException {
    PickleBytes storage = new PickleBytes().storage("FloatStorage", "../../etc/passwd", 10);
    Path path = saveTensor(storage, Map.of("0", TorchFiles.bytes(TEN)));

    assertRefused(
        path, "the numbers of tensor 'x' are missing: no entry data/../../etc/passwd" + RESAVE);
  }

  @Test
  void refusesNumbersThatNoWeightHas() throws IOException {
    PickleBytes storage = new PickleBytes().storage("BoolStorage", "0", 10);
    Path path = saveTensor(storage, Map.of("0", TorchFiles.bytes(TEN)));

    assertRefused(
        path,
        "tensor 'x' has numbers of torch.BoolStorage (known are uint8, int32, int64, float16,"
            + " bfloat16, float32, float64). Convert it first.");
  }

  @Test
  void refusesAGlobalInAFile() throws IOException {
    PickleBytes pickle =
        PickleBytes.protocol2().global("os", "system").text("true").op(0x85, 'R', '.');
    Path path = TorchFiles.save(folder.resolve("x.pth"), pickle, Map.of());

    assertRefused(
        path,
        "its pickle names the global os.system (only tensors and plain containers are allowed)."
            + " Nothing of it was run: ask its author for a plain state dict.");
  }

  @Test
  void refusesACheckpointWithoutTensors() throws IOException {
    PickleBytes pickle = PickleBytes.protocol2().op('}', '(');
    for (String key : List.of("a", "b", "c", "d", "e", "f")) {
      pickle.text(key).op('N');
    }
    Path path = TorchFiles.save(folder.resolve("x.pth"), pickle.op('u', '.'), Map.of());

    assertRefused(
        path,
        "it holds no tensors (they are expected at the top, or under trainer -> var_wo_ddp), but 6"
            + " keys: a, b, c, d, e, .... Save the state dict of the model.");
  }

  @Test
  void refusesBigEndianNumbers() throws IOException {
    Path path = folder.resolve("x.pth");
    try (StoredZip zip = new StoredZip(path, StoredZip.Form.AS_NEEDED)) {
      zip.add("a/data.pkl", PickleBytes.protocol2().op('}', '.').toBytes());
      zip.add("a/byteorder", "big".getBytes(StandardCharsets.US_ASCII));
    }

    assertRefused(
        path,
        "its byte order is 'big' (little is supported). Save it again on a little-endian machine.");
  }

  @Test
  void refusesAnArchiveWithoutAPickle() throws IOException {
    Path path = folder.resolve("x.pth");
    try (StoredZip zip = new StoredZip(path, StoredZip.Form.AS_NEEDED)) {
      zip.add("arr_0.npy", new byte[10]);
    }

    assertRefused(
        path,
        "it is a zip archive with 0 entries called data.pkl (torch.save writes one)" + RESAVE);
  }

  @Test
  void refusesAHugePickle() throws IOException {
    Path path = folder.resolve("x.pth");
    try (StoredZip zip = new StoredZip(path, StoredZip.Form.AS_NEEDED)) {
      zip.add("a/data.pkl", new byte[(64 << 20) + 1]);
    }

    assertRefused(
        path,
        "its pickle has 67108865 bytes (at most 67108864). Save the model alone, without its"
            + " training state.");
  }

  @Test
  void refusesToReadATensorOf2GiB() throws IOException {
    Path path = folder.resolve("x.pth");
    long bytes = 1L << 31;
    PickleBytes storage = new PickleBytes().storage("ByteStorage", "0", bytes);
    PickleBytes pickle =
        PickleBytes.protocol2()
            .op('}')
            .text("x")
            .tensor(storage, 0, List.of(bytes), List.of(1L))
            .op('s', '.');
    try (StoredZip zip = new StoredZip(path, StoredZip.Form.AS_NEEDED)) {
      zip.add("archive/data.pkl", pickle.toBytes());
      zip.addHole("archive/data/0", bytes);
    }

    try (TorchCheckpoint checkpoint = TorchCheckpoint.open(path.toString())) {
      assertThatThrownBy(() -> checkpoint.read("x"))
          .isInstanceOf(UserError.class)
          .hasMessage(
              "Cannot load weights from '"
                  + path
                  + "': tensor 'x' lies in 2147483648 bytes (less than 2 GiB are supported). Split"
                  + " the tensor.");
    }
  }

  @Test
  void tellsOurOwnMistakesFromTheUsers() throws IOException {
    Path path =
        TorchFiles.saveView(folder.resolve("x.pth"), TEN, new StridedView(0, List.of(), List.of()));
    TorchCheckpoint checkpoint = TorchCheckpoint.open(path.toString());
    ByteBuffer before = checkpoint.read("x");

    assertThatThrownBy(() -> checkpoint.read("y"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("No tensor 'y' in '" + path + "'");
    checkpoint.close();
    assertThat(before.getFloat(0)).isZero();
    assertThatThrownBy(() -> checkpoint.read("x"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Cannot read '" + path + "': it was closed");
  }

  /** Ways to write a file of one tensor of ten floats. */
  private enum Writer {
    ZIP,
    OLD,
    SCRIPT;

    Path save(Path path) throws IOException {
      return switch (this) {
        case ZIP ->
            TorchFiles.saveView(path, TEN, new StridedView(0, List.of(2L, 5L), List.of(5L, 1L)));
        case OLD -> TorchFiles.saveOld(path, oneTensor());
        case SCRIPT -> TorchFiles.saveScript(path, oneTensor());
      };
    }
  }

  /**
   * Bytes of headers, pickle and directory are damaged one at a time, all of them in a short file;
   * nothing but refusals may come.
   */
  @ParameterizedTest
  @EnumSource(Writer.class)
  void noDamageIsMoreThanARefusal(Writer writer) throws IOException {
    Path path = writer.save(folder.resolve("x.pth"));
    byte[] whole = Files.readAllBytes(path);
    Path damaged = folder.resolve("damaged.pth");
    Random random = new Random(5);

    int refused = 0;
    for (int i = 0; i < whole.length; i += 1 + whole.length / 800) {
      byte[] copy = whole.clone();
      copy[i] ^= (byte) (1 + random.nextInt(255));
      Files.write(damaged, copy);
      try (WeightSource source = WeightFiles.open(damaged.toString())) {
        for (String name : source.names()) {
          source.read(name);
        }
      } catch (UserError e) {
        refused++;
      }
    }

    assertThat(refused).isPositive();
  }

  @ParameterizedTest
  @EnumSource(Writer.class)
  void everyCutFileIsRefused(Writer writer) throws IOException {
    Path path = writer.save(folder.resolve("x.pth"));
    byte[] whole = Files.readAllBytes(path);
    Path cut = folder.resolve("cut.pth");

    for (int length = 1; length < whole.length; length += 7) {
      Files.write(cut, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> WeightFiles.open(cut.toString()))
          .isInstanceOf(UserError.class)
          .hasMessageStartingWith("Cannot load weights from '" + cut + "': ");
    }
  }

  @Test
  void saysThatATruncatedFileIsCut() throws IOException {
    Path path =
        TorchFiles.save(folder.resolve("x.pth"), RandomWeightsTest.TINY, StoredZip.Form.AS_NEEDED);
    byte[] whole = Files.readAllBytes(path);
    Files.write(path, Arrays.copyOf(whole, whole.length / 2));

    assertRefused(
        path,
        "it starts as a zip archive but has no zip directory. The file is cut short or damaged:"
            + " copy or download it again.");
  }

  private Path saveTensor(PickleBytes storage, Map<String, byte[]> storages) throws IOException {
    PickleBytes pickle =
        PickleBytes.protocol2()
            .op('}')
            .text("x")
            .tensor(storage, 0, List.of(10L), List.of(1L))
            .op('s', '.');
    return TorchFiles.save(folder.resolve("x.pth"), pickle, storages);
  }

  private static void assertRefused(Path path, String found) {
    assertThatThrownBy(() -> TorchCheckpoint.open(path.toString()))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot load weights from '" + path + "': " + found);
  }
}
