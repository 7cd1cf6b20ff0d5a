package io.tandem.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tandem.base.UserError;
import io.tandem.weights.PickledValues.Dict;
import io.tandem.weights.PickledValues.Opaque;
import io.tandem.weights.PickledValues.Storage;
import io.tandem.weights.PickledValues.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PickleReaderTest {

  private static final String ADVICE =
      " (only tensors and plain containers are allowed). Nothing of it was run: ask its author for"
          + " a plain state dict.";

  @Test
  void readsATensorInADict() {
    PickleBytes storage = new PickleBytes().storage("HalfStorage", "7", 100);
    PickleBytes pickle =
        PickleBytes.protocol2()
            .op('}')
            .text("w")
            .tensor(storage, 4, List.of(2L, 3L), List.of(3L, 1L))
            .op('s', '.');

    assertThat(entries(pickle).get("w"))
        .isEqualTo(
            new Tensor(new Storage("HalfStorage", "7", 100), 4, List.of(2L, 3L), List.of(3L, 1L)));
  }

  @Test
  void readsPlainValuesWithoutHarm() {
    PickleBytes pickle =
        PickleBytes.protocol2()
            .op('}', '(')
            .text("none")
            .op('N')
            .text("yes")
            .op(0x88)
            .text("byte")
            .op('K', 200)
            .text("short")
            .op('M', 1, 2)
            .text("int")
            .op('J', 255, 255, 255, 255)
            .text("long")
            .number(-(1L << 40))
            .text("huge")
            .op(0x8a, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1)
            .text("double")
            .op('G', 0x3f, 0xf8, 0, 0, 0, 0, 0, 0)
            .text("list")
            .op(']', 'q', 0, '(', 'K', 1, 'K', 2, 'e', 'K', 3, 'a')
            .text("tuple")
            .op('(', 'h', 0, 'N', 't')
            .op('K', 5)
            .text("value of a key that is no text")
            .op('u', '.');

    assertThat(entries(pickle))
        .containsEntry("none", Opaque.VALUE)
        .containsEntry("yes", true)
        .containsEntry("byte", 200L)
        .containsEntry("short", 513L)
        .containsEntry("int", -1L)
        .containsEntry("long", -(1L << 40))
        .containsEntry("huge", Opaque.VALUE)
        .containsEntry("double", 1.5)
        .containsEntry("list", List.of(1L, 2L, 3L))
        .containsEntry("tuple", List.of(List.of(1L, 2L, 3L), Opaque.VALUE))
        .hasSize(10);
  }

  @Test
  void readsProtocol4WithFramesAndMemos() {
    PickleBytes pickle =
        new PickleBytes()
            .op(0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0, 0, '}', 0x94)
            .op(0x8c, 4)
            .ascii("size")
            .op(0x94, 0x8c, 5)
            .ascii("torch")
            .op(0x8c, 4)
            .ascii("Size")
            .op(0x93, 'K', 3, 'K', 4, 0x86, 0x85, 'R', 's')
            .op('h', 1, 'h', 0, 'h', 1, 0x86, '0', '0', '.');

    assertThat(entries(pickle)).containsOnlyKeys("size").containsEntry("size", List.of(3L, 4L));
  }

  @ParameterizedTest
  @CsvSource({
    "os, system",
    "posix, system",
    "builtins, eval",
    "__builtin__, eval",
    "torch.hub, load",
    "torch, load",
    "torch, hub.load",
    "torch.storage, UntypedStorage",
    "torch._utils, _rebuild_tensor",
    "torch.FloatStorage, from_file",
    "collections, defaultdict",
    "argparse, Namespace"
  })
  void refusesEveryOtherGlobalByName(String module, String name) {
    String message =
        "Cannot load weights from 'x.pth': its pickle names the global "
            + module
            + "."
            + name
            + ADVICE;
    PickleBytes byLine = PickleBytes.protocol2().global(module, name).text("ls").op(0x85, 'R', '.');
    PickleBytes byStack = PickleBytes.protocol2().text(module).text(name).op(0x93, ')', 'R', '.');
    PickleBytes asInstance =
        PickleBytes.protocol2().op('(', 'i').ascii(module + "\n" + name + "\n.");

    assertRefused(byLine, message);
    assertRefused(byStack, message);
    assertRefused(asInstance, message);
  }

  @Test
  void showsNoControlCharactersOfAGlobal() {
    assertRefused(
        PickleBytes.protocol2().global("os\u001b[2J", "x".repeat(500)),
        "Cannot load weights from 'x.pth': its pickle names the global os?[2J."
            + "x".repeat(113)
            + "..."
            + ADVICE);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void refusesObjectsOfAnyKind(String opcode, PickleBytes pickle, String message) {
    assertRefused(pickle, message);
  }

  static Stream<Arguments> refusesObjectsOfAnyKind() {
    String object = "Cannot load weights from 'x.pth': its pickle makes an object of ";
    String code =
        "Cannot load weights from 'x.pth': its pickle names the global behind extension code ";
    return Stream.of(
        arguments("NEWOBJ", size().op(')', 0x81, '.'), object + "torch.Size" + ADVICE),
        arguments("NEWOBJ_EX", size().op(')', '}', 0x92, '.'), object + "torch.Size" + ADVICE),
        arguments(
            "OBJ",
            PickleBytes.protocol2().op('(').global("torch", "Size").op('o', '.'),
            object + "torch.Size" + ADVICE),
        arguments(
            "INST",
            PickleBytes.protocol2().op('(', 'i').ascii("torch\nSize\n."),
            object + "torch.Size" + ADVICE),
        arguments("EXT1", PickleBytes.protocol2().op(0x82, 9, '.'), code + 9 + ADVICE),
        arguments("EXT2", PickleBytes.protocol2().op(0x83, 0, 1, '.'), code + 256 + ADVICE),
        arguments("EXT4", PickleBytes.protocol2().op(0x84, 1, 0, 1, 0, '.'), code + 65537 + ADVICE),
        arguments(
            "BUILD",
            PickleBytes.protocol2().op(']', '}', 'b', '.'),
            "Cannot load weights from 'x.pth': its pickle sets the state of an object" + ADVICE),
        arguments(
            "REDUCE of a type",
            PickleBytes.protocol2().global("torch", "float32").op(')', 'R', '.'),
            "Cannot load weights from 'x.pth': its pickle calls torch.float32, which is no"
                + " function"),
        arguments(
            "protocol 6",
            new PickleBytes().op(0x80, 6, '}', '.'),
            "Cannot load weights from 'x.pth': its pickle has protocol 6 (2 to 5 are known). Save"
                + " it again with pickle_protocol=2."));
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource
  void reportsDamage(PickleBytes pickle, String found) {
    assertRefused(
        pickle,
        "Cannot load weights from 'x.pth': its pickle is damaged at byte "
            + found
            + ". Copy or download the file again.");
  }

  static Stream<Arguments> reportsDamage() {
    PickleBytes storage = new PickleBytes().storage("FloatStorage", "0", 1);
    return Stream.of(
        arguments(PickleBytes.protocol2(), "2: it ends too early"),
        arguments(PickleBytes.protocol2().op('.'), "3: an operand is missing"),
        arguments(PickleBytes.protocol2().op('('), "3: it ends too early"),
        arguments(PickleBytes.protocol2().op('N', '(', 0x85), "5: an operand is missing"),
        arguments(PickleBytes.protocol2().op('t'), "3: a mark is missing"),
        arguments(PickleBytes.protocol2().op('h', 3), "4: there is no memo 3"),
        arguments(
            PickleBytes.protocol2().op(0xff), "3: opcode 0xff is none that torch.save writes"),
        arguments(
            PickleBytes.protocol2().op('}', 'N', 'N', 'N', 's'),
            "7: an operand has the wrong type"),
        arguments(PickleBytes.protocol2().op('}', '(', 'N', 'u'), "6: a key has no value"),
        arguments(
            PickleBytes.protocol2().op('}', 'N', 'a'), "5: items are appended to what is no list"),
        arguments(PickleBytes.protocol2().op('X', 255, 255, 255, 255), "7: it ends too early"),
        arguments(PickleBytes.protocol2().op(0x8b, 255, 255, 255, 255), "7: it ends too early"),
        arguments(
            PickleBytes.protocol2().op(0x8e, 0, 0, 0, 0, 0, 0, 0, 255), "11: it ends too early"),
        arguments(
            PickleBytes.protocol2().op('N', 'Q'), "4: a persistent id is not that of a storage"),
        arguments(PickleBytes.protocol2().op('N', 'N', 0x93), "5: a global has no name"),
        arguments(
            PickleBytes.protocol2().op('N', ')', 'R'), "5: a call has no global or no arguments"),
        arguments(
            PickleBytes.protocol2().global("torch._utils", "_rebuild_tensor_v2").op(')', 'R'),
            "37: a tensor is not built from storage, offset, shape and strides"),
        arguments(
            PickleBytes.protocol2().global("torch._utils", "_rebuild_parameter").op(')', 'R'),
            "37: a parameter is not built from a tensor"),
        arguments(
            PickleBytes.protocol2().global("collections", "OrderedDict").op(']', 0x85, 'R'),
            "30: an OrderedDict is built from arguments"),
        arguments(
            PickleBytes.protocol2().tensor(storage, 0, ones(65), ones(65)),
            "1439: a tensor has no tuple of at most 64 sizes and strides"));
  }

  @Test
  void refusesMoreOpcodesThanAnyCheckpointHas() {
    byte[] pickle = new byte[PickleReader.MAX_OPCODES + 10];
    Arrays.fill(pickle, (byte) ']');

    assertThatThrownBy(() -> PickleReader.read(ByteBuffer.wrap(pickle), "x.pth"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot load weights from 'x.pth': its pickle has more than 2000000 opcodes. Save the"
                + " model alone, without its training state.");
  }

  @Test
  void readsContainersThatContainThemselves() {
    PickleBytes list = PickleBytes.protocol2().op(']', 'q', 0, 'h', 0, 'a', '.');
    PickleBytes dict =
        PickleBytes.protocol2()
            .op('}', 'q', 0)
            .text("self")
            .op('h', 0, 's', 'h', 0, 'h', 0, 's', '.');

    assertThat((List<?>) PickleReader.read(list.toBuffer(), "x.pth")).hasSize(1);
    assertThat(((Dict) PickleReader.read(dict.toBuffer(), "x.pth")).entries()).hasSize(1);
  }

  @Test
  void readsDeepNestingWithoutRecursion() {
    PickleBytes pickle = PickleBytes.protocol2().op(')');
    for (int i = 0; i < 500_000; i++) {
      pickle.op(0x85);
    }

    assertThat((List<?>) PickleReader.read(pickle.op('.').toBuffer(), "x.pth")).hasSize(1);
  }

  @Test
  void everyCutPickleIsTheUsersError() {
    PickleBytes storage = new PickleBytes().storage("FloatStorage", "0", 6);
    byte[] whole =
        PickleBytes.protocol2()
            .op('}')
            .text("w")
            .tensor(storage, 0, List.of(2L, 3L), List.of(3L, 1L))
            .op('s', '.')
            .toBytes();

    for (int length = 0; length < whole.length; length++) {
      ByteBuffer cut = ByteBuffer.wrap(whole, 0, length).slice();
      assertThatThrownBy(() -> PickleReader.read(cut, "x.pth")).isInstanceOf(UserError.class);
    }
  }

  private static PickleBytes size() {
    return PickleBytes.protocol2().global("torch", "Size");
  }

  private static List<Long> ones(int count) {
    return Collections.nCopies(count, 1L);
  }

  private static Map<String, Object> entries(PickleBytes pickle) {
    return ((Dict) PickleReader.read(pickle.toBuffer(), "x.pth")).entries();
  }

  private static void assertRefused(PickleBytes pickle, String message) {
    ThrowingCallable read = () -> PickleReader.read(pickle.toBuffer(), "x.pth");
    assertThatThrownBy(read).isInstanceOf(UserError.class).hasMessage(message);
  }
}
