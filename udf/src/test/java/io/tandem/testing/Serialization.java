package io.tandem.testing;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;

/** Sends objects through Java serialization, as Spark does with what it ships to executors. */
public final class Serialization {

  private Serialization() {}

  /** Returns the copy of {@code value} that arrives on the other side. */
  @SuppressWarnings("unchecked")
  public static <T extends Serializable> T roundTrip(T value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(value);
      try (ObjectInputStream in =
          new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
        return (T) in.readObject();
      }
    } catch (IOException | ClassNotFoundException e) {
      throw new AssertionError(value.getClass() + " does not survive serialization", e);
    }
  }
}
