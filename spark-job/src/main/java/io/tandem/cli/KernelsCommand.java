package io.tandem.cli;

import io.tandem.base.StagedFile;
import io.tandem.base.UserError;
import io.tandem.kernel.KernelArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tandem kernels}: writes the kernels for other programs. */
@Command(
    name = "kernels",
    description = "Writes the kernels as an archive that any libtorch or PyTorch loads.")
final class KernelsCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The archive; torch.jit.load reads it.")
  private Path out;

  @Override
  public Integer call() {
    byte[] archive = KernelArchive.toBytes();
    try (StagedFile file = StagedFile.beside(out)) {
      Files.write(file.path(), archive);
      file.commit();
    } catch (IOException e) {
      throw UserError.because(e, "Cannot write '%s': %s", out, e);
    }
    spec.commandLine().getOut().printf("Wrote %,d bytes to %s%n", archive.length, out);
    return ExitCode.DONE;
  }
}
