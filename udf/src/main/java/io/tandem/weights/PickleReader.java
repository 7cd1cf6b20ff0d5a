package io.tandem.weights;

import io.tandem.weights.PickledValues.Dict;
import io.tandem.weights.PickledValues.Global;
import io.tandem.weights.PickledValues.Opaque;
import io.tandem.weights.PickledValues.ScriptObject;
import io.tandem.weights.PickledValues.Storage;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads pickles of tensors and plain containers, as torch.save writes them, and nothing else.
 *
 * <p>No opcode runs anything: globals are names on an allow-list, and a call of one makes a record
 * (see {@link PickleGlobals}). Every step consumes input and allocates in proportion to it, and no
 * value is walked recursively, so that neither depth nor cycles nor claimed lengths do harm.
 *
 * @see <a href="https://github.com/python/cpython/blob/v3.12.0/Lib/pickletools.py">opcodes of
 *     protocols 2 to 5</a>
 */
final class PickleReader {

  static final int MAX_OPCODES = 2_000_000;

  private static final int MAX_PROTOCOL = 5;

  /**
   * What a pickle holds.
   *
   * @param value see {@link PickledValues}
   * @param storages all that it names, by key
   */
  record Content(Object value, Map<String, Storage> storages) {}

  private final PickleInput input;
  private final PickleStack stack;
  private final PickleGlobals globals;
  private final Map<Long, Object> memo = new HashMap<>();

  private PickleReader(PickleInput input, PickleGlobals.Writer writer) {
    this.input = input;
    this.stack = new PickleStack(input);
    this.globals = new PickleGlobals(input, writer);
  }

  /**
   * Returns the value that {@code pickle} holds; see {@link PickledValues}.
   *
   * @param origin where the pickle comes from, for messages
   * @throws io.tandem.base.UserError if it is damaged or asks for more than tensors and containers
   */
  static Object read(ByteBuffer pickle, String origin) {
    return next(new PickleInput(pickle, origin), PickleGlobals.Writer.SAVE).value();
  }

  /** Returns what the pickle holds that comes next in {@code input}, and moves past it. */
  static Content next(PickleInput input, PickleGlobals.Writer writer) {
    PickleReader reader = new PickleReader(input, writer);
    return new Content(reader.run(), reader.globals.storages());
  }

  private Object run() {
    for (int count = 0; count < MAX_OPCODES; count++) {
      int opcode = input.unsignedByte();
      if (opcode == '.') { // STOP
        return stack.pop();
      }
      boolean known =
          scalar(opcode) || container(opcode) || insertion(opcode) || memo(opcode) || call(opcode);
      if (!known) {
        throw input.damaged(String.format("opcode 0x%02x is none that torch.save writes", opcode));
      }
    }
    throw input.refused(
        "its pickle has more than %d opcodes. Save the model alone, without its training state.",
        MAX_OPCODES);
  }

  private boolean scalar(int opcode) {
    switch (opcode) {
      case 'N' -> stack.push(Opaque.VALUE); // NONE
      case 0x88 -> stack.push(true); // NEWTRUE
      case 0x89 -> stack.push(false); // NEWFALSE
      case 'J' -> stack.push((long) input.signedInt()); // BININT
      case 'K' -> stack.push((long) input.unsignedByte()); // BININT1
      case 'M' -> stack.push((long) input.unsignedShort()); // BININT2
      case 0x8a -> stack.push(integer(input.unsignedByte())); // LONG1
      case 0x8b -> stack.push(integer(input.signedInt())); // LONG4
      case 'G' -> stack.push(input.bigEndianDouble()); // BINFLOAT
      case 0x8c -> stack.push(input.utf8(input.unsignedByte())); // SHORT_BINUNICODE
      case 'X' -> stack.push(input.utf8(input.unsignedInt())); // BINUNICODE
      case 0x8d -> stack.push(input.utf8(input.signedLong())); // BINUNICODE8
      case 'C', 'U' -> opaque(input.unsignedByte()); // SHORT_BINBYTES, SHORT_BINSTRING
      case 'B', 'T' -> opaque(input.unsignedInt()); // BINBYTES, BINSTRING
      case 0x8e, 0x96 -> opaque(input.signedLong()); // BINBYTES8, BYTEARRAY8
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean container(int opcode) {
    switch (opcode) {
      case '(' -> stack.mark(); // MARK
      case ')' -> stack.push(List.of()); // EMPTY_TUPLE
      case 0x85 -> stack.push(stack.pop(1)); // TUPLE1
      case 0x86 -> stack.push(stack.pop(2)); // TUPLE2
      case 0x87 -> stack.push(stack.pop(3)); // TUPLE3
      case 't', 'l' -> stack.push(stack.popToMark()); // TUPLE, LIST
      case ']' -> stack.push(new ArrayList<>()); // EMPTY_LIST
      case '}' -> stack.push(new Dict()); // EMPTY_DICT
      case 0x8f -> stack.push(Opaque.VALUE); // EMPTY_SET
      case 0x91 -> { // FROZENSET
        stack.popToMark();
        stack.push(Opaque.VALUE);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean insertion(int opcode) {
    switch (opcode) {
      case 'a' -> append(stack.pop(1)); // APPEND
      case 'e' -> append(stack.popToMark()); // APPENDS
      case 's' -> put(stack.pop(2)); // SETITEM
      case 'u' -> put(stack.popToMark()); // SETITEMS
      case 0x90 -> { // ADDITEMS
        stack.popToMark();
        stack.top(Opaque.class);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean memo(int opcode) {
    switch (opcode) {
      case 'q' -> memo.put((long) input.unsignedByte(), stack.top()); // BINPUT
      case 'r' -> memo.put(input.unsignedInt(), stack.top()); // LONG_BINPUT
      case 0x94 -> memo.put((long) memo.size(), stack.top()); // MEMOIZE
      case 'h' -> stack.push(recalled(input.unsignedByte())); // BINGET
      case 'j' -> stack.push(recalled(input.unsignedInt())); // LONG_BINGET
      case '2' -> stack.push(stack.top()); // DUP
      case '0' -> stack.pop(); // POP
      case '1' -> stack.popToMark(); // POP_MARK
      case 0x80 -> protocol(input.unsignedByte()); // PROTO
      case 0x95 -> input.skip(Long.BYTES); // FRAME
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean call(int opcode) {
    switch (opcode) {
      case 'c' -> stack.push(globals.global(input.line(), input.line())); // GLOBAL
      case 0x93 -> stack.push(stackGlobal(stack.pop(2))); // STACK_GLOBAL
      case 'Q' -> stack.push(globals.storage(stack.pop())); // BINPERSID
      case 'R' -> reduce(stack.pop(2)); // REDUCE
      case 'b' -> build(); // BUILD
      case 'i' -> refuseObject(globals.global(input.line(), input.line())); // INST
      case 'o' -> refuseObject(stack.popToMark().stream().findFirst().orElse("")); // OBJ
      case 0x81 -> newObject(stack.pop(2).get(0)); // NEWOBJ
      case 0x92 -> refuseObject(stack.pop(3).get(0)); // NEWOBJ_EX
      case 0x82 -> refuseExtension(input.unsignedByte()); // EXT1
      case 0x83 -> refuseExtension(input.unsignedShort()); // EXT2
      case 0x84 -> refuseExtension(input.signedInt()); // EXT4
      default -> {
        return false;
      }
    }
    return true;
  }

  /** Two's complement, little-endian. Integers beyond 64 bits name no size, so they are opaque. */
  private Object integer(int length) {
    byte[] littleEndian = input.array(length);
    if (length == 0) {
      return 0L;
    }
    byte[] bigEndian = new byte[length];
    for (int i = 0; i < length; i++) {
      bigEndian[length - 1 - i] = littleEndian[i];
    }
    BigInteger value = new BigInteger(bigEndian);
    return value.bitLength() < Long.SIZE ? (Object) value.longValue() : Opaque.VALUE;
  }

  private void opaque(long length) {
    input.skip(length);
    stack.push(Opaque.VALUE);
  }

  private void append(List<Object> items) {
    if (!(stack.top() instanceof ArrayList<?>)) {
      throw input.damaged("items are appended to what is no list");
    }
    @SuppressWarnings("unchecked") // every list on the stack holds values of the pickle
    List<Object> list = (List<Object>) stack.top();
    list.addAll(items);
  }

  private void put(List<Object> keysAndValues) {
    if (keysAndValues.size() % 2 != 0) {
      throw input.damaged("a key has no value");
    }
    Dict dict = stack.top(Dict.class);
    for (int i = 0; i < keysAndValues.size(); i += 2) {
      dict.put(keysAndValues.get(i), keysAndValues.get(i + 1));
    }
  }

  private Object recalled(long index) {
    Object value = memo.get(index);
    if (value == null) {
      throw input.damaged("there is no memo " + index);
    }
    return value;
  }

  private void protocol(int version) {
    if (version > MAX_PROTOCOL) {
      throw input.refused(
          "its pickle has protocol %d (2 to %d are known). Save it again with pickle_protocol=2.",
          version, MAX_PROTOCOL);
    }
  }

  private Global stackGlobal(List<Object> moduleAndName) {
    if (moduleAndName.get(0) instanceof String module
        && moduleAndName.get(1) instanceof String name) {
      return globals.global(module, name);
    }
    throw input.damaged("a global has no name");
  }

  private void reduce(List<Object> callableAndArguments) {
    stack.push(globals.reduce(callableAndArguments.get(0), callableAndArguments.get(1)));
  }

  private void newObject(Object type) {
    if (!globals.isScriptClass(type)) {
      refuseObject(type);
    }
    stack.push(new ScriptObject());
  }

  /**
   * Gives an object of a script class its attributes, drops those of a state dict (its versions),
   * and accepts no other object's state.
   */
  private void build() {
    Object state = stack.pop();
    if (stack.top() instanceof ScriptObject object) {
      if (state instanceof Dict attributes) {
        object.become(attributes);
      }
    } else if (!(stack.top() instanceof Dict)) {
      throw input.refused(
          "its pickle sets the state of an object (only tensors and plain containers are allowed). "
              + "Nothing of it was run: ask its author for a plain state dict.");
    }
  }

  private void refuseObject(Object type) {
    throw input.refused(
        "its pickle makes an object of %s (only tensors and plain containers are allowed). Nothing "
            + "of it was run: ask its author for a plain state dict.",
        type instanceof Global global ? global.name() : "no class");
  }

  private void refuseExtension(int code) {
    throw input.refused(
        "its pickle names the global behind extension code %d (only tensors and plain containers "
            + "are allowed). Nothing of it was run: ask its author for a plain state dict.",
        code);
  }
}
