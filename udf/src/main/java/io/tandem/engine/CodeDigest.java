package io.tandem.engine;

import io.tandem.base.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.security.MessageDigest;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/**
 * Digest of the code that decides the bits of images: classes and kernels.
 *
 * <p>The same for a folder of classes, a jar of them, and a jar that holds other things as well.
 */
public final class CodeDigest {

  private static final String ROOT = "io/tandem/";

  private static final List<String> PACKAGES =
      List.of(
          "base",
          "generate",
          "image",
          "kernel",
          "model",
          "plan",
          "sample",
          "transformer",
          "vq",
          "weights");

  /** Read on first use: code does not change while it runs. */
  private static final class Holder {
    static final String OF_THIS_JVM = of(home());
  }

  private CodeDigest() {}

  /** Returns the SHA-256 of the code that this JVM runs, in hexadecimal digits. */
  public static String ofThisJvm() {
    return Holder.OF_THIS_JVM;
  }

  private static Path home() {
    CodeSource source = CodeDigest.class.getProtectionDomain().getCodeSource();
    try {
      return Path.of(source.getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("Cannot find the code at " + source.getLocation(), e);
    }
  }

  /** Returns the digest of the code in a folder of classes or a jar. */
  static String of(Path home) {
    try {
      Map<String, byte[]> files = Files.isDirectory(home) ? ofFolder(home) : ofJar(home);
      if (files.isEmpty()) {
        throw new IllegalStateException("Cannot find the code that decodes in " + home);
      }
      MessageDigest digest = Sha256.start();
      files.forEach(
          (name, content) ->
              digest.update(
                  (name + " " + Sha256.of(content) + "\n").getBytes(StandardCharsets.UTF_8)));
      return Sha256.hex(digest);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, byte[]> ofFolder(Path folder) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) tree::iterator) {
        String name = folder.relativize(file).toString().replace('\\', '/');
        if (decides(name)) {
          files.put(name, Files.readAllBytes(file));
        }
      }
    }
    return files;
  }

  private static Map<String, byte[]> ofJar(Path path) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (JarFile jar = new JarFile(path.toFile())) {
      Enumeration<JarEntry> entries = jar.entries();
      while (entries.hasMoreElements()) {
        JarEntry entry = entries.nextElement();
        if (decides(entry.getName())) {
          try (InputStream in = jar.getInputStream(entry)) {
            files.put(entry.getName(), in.readAllBytes());
          }
        }
      }
    }
    return files;
  }

  private static boolean decides(String name) {
    return (name.endsWith(".class") || name.endsWith(".py"))
        && PACKAGES.stream().anyMatch(part -> name.startsWith(ROOT + part + "/"));
  }
}
