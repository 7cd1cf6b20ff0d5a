package io.tandem.cli;

import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Takes Ctrl-C and SIGTERM for a wish to stop while it is open; the second one ends the process as
 * it would without.
 *
 * <p>A shutdown hook would not do: it runs when everything else is being torn down, and cannot
 * choose the exit code. The class {@code sun.misc.Signal} is in every JDK, but the compiler warns
 * of it, so it is reached by name. Where it is not there, or the JVM leaves signals alone, they end
 * the process at once.
 */
final class StopSignals implements AutoCloseable {

  private final PrintWriter messages;
  private final AtomicBoolean isWished = new AtomicBoolean();
  private final Map<Object, Object> handlersBefore = new LinkedHashMap<>();

  private StopSignals(PrintWriter messages) {
    this.messages = messages;
  }

  /** Begins to listen. */
  static StopSignals listen(PrintWriter messages) {
    StopSignals signals = new StopSignals(messages);
    for (String name : new String[] {"INT", "TERM"}) {
      try {
        signals.handle(name);
      } catch (ReflectiveOperationException e) {
        // signals end the process, as they do anyway
      }
    }
    return signals;
  }

  private void handle(String name) throws ReflectiveOperationException {
    Object signal = signalType().getConstructor(String.class).newInstance(name);
    Object handler =
        Proxy.newProxyInstance(
            StopSignals.class.getClassLoader(),
            new Class<?>[] {handlerType()},
            (proxy, method, args) ->
                switch (method.getName()) {
                  case "handle" -> {
                    came(args[0]);
                    yield null;
                  }
                  case "hashCode" -> System.identityHashCode(proxy);
                  case "equals" -> proxy == args[0];
                  default -> "wish to stop";
                });
    handlersBefore.put(signal, replaceHandler(signal, handler));
  }

  private void came(Object signal) throws ReflectiveOperationException {
    if (isWished.getAndSet(true)) {
      handlerType().getMethod("handle", signalType()).invoke(handlersBefore.get(signal), signal);
    } else {
      messages.println("stopping after this step; the next signal ends at once");
    }
  }

  private static Object replaceHandler(Object signal, Object handler)
      throws ReflectiveOperationException {
    try {
      return signalType()
          .getMethod("handle", signalType(), handlerType())
          .invoke(null, signal, handler);
    } catch (InvocationTargetException e) {
      // the JVM was told to leave this signal alone
      throw new ReflectiveOperationException(e);
    }
  }

  private static Class<?> signalType() throws ClassNotFoundException {
    return Class.forName("sun.misc.Signal");
  }

  private static Class<?> handlerType() throws ClassNotFoundException {
    return Class.forName("sun.misc.SignalHandler");
  }

  /** Returns whether a signal came. */
  boolean isStopWished() {
    return isWished.get();
  }

  /** Gives the signals back to whoever had them. */
  @Override
  public void close() {
    handlersBefore.forEach(
        (signal, handler) -> {
          try {
            replaceHandler(signal, handler);
          } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Cannot give back signal " + signal, e);
          }
        });
  }
}
