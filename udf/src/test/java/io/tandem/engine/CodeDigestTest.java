package io.tandem.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CodeDigestTest {

  private static final String LOOP = "io/tandem/generate/Loop.class";
  private static final String KERNEL = "io/tandem/kernel/vae.py";
  private static final String JOB = "io/tandem/job/Job.class";

  @TempDir Path folder;

  @Test
  void isTheSameForAFolderAJarAndAJarWithOtherThings() throws IOException {
    Path classes = folder.resolve("classes");
    for (String name : List.of(LOOP, KERNEL, JOB)) {
      Path file = classes.resolve(name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, "content of " + name);
    }
    Path thin = jar("thin.jar", LOOP, KERNEL);
    Path shaded = jar("shaded.jar", "a/B.class", KERNEL, JOB, LOOP, "io/tandem/demo/x.bin");

    assertThat(CodeDigest.of(thin)).isEqualTo(CodeDigest.of(classes)).hasSize(64);
    assertThat(CodeDigest.of(shaded)).isEqualTo(CodeDigest.of(classes));
  }

  @Test
  void changesWithAClassAndWithAKernel() throws IOException {
    String digest = CodeDigest.of(jar("one.jar", LOOP, KERNEL));

    assertThat(CodeDigest.of(jar("two.jar", LOOP))).isNotEqualTo(digest);
    assertThat(CodeDigest.of(jar("three.jar", LOOP, KERNEL + ".py"))).isNotEqualTo(digest);
    assertThat(
            CodeDigest.of(jar("four.jar", Map.of(LOOP, "other", KERNEL, "content of " + KERNEL))))
        .isNotEqualTo(digest);
  }

  @Test
  void thisJvmHasOne() {
    assertThat(CodeDigest.ofThisJvm()).matches("[0-9a-f]{64}");
  }

  private Path jar(String name, String... entries) throws IOException {
    Path path = folder.resolve(name);
    try (OutputStream out = Files.newOutputStream(path);
        JarOutputStream jar = new JarOutputStream(out)) {
      for (String entry : entries) {
        put(jar, entry, "content of " + entry);
      }
    }
    return path;
  }

  private Path jar(String name, Map<String, String> entries) throws IOException {
    Path path = folder.resolve(name);
    try (OutputStream out = Files.newOutputStream(path);
        JarOutputStream jar = new JarOutputStream(out)) {
      for (Map.Entry<String, String> entry : entries.entrySet()) {
        put(jar, entry.getKey(), entry.getValue());
      }
    }
    return path;
  }

  private static void put(JarOutputStream jar, String name, String content) throws IOException {
    jar.putNextEntry(new JarEntry(name));
    jar.write(content.getBytes());
    jar.closeEntry();
  }
}
