package io.tandem.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.dataset.LabelledImages;
import io.tandem.dataset.ShapeImages;
import io.tandem.image.PngCodec;
import io.tandem.job.TrainingImages.Source;
import io.tandem.job.TrainingImages.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingImagesTest {

  @TempDir Path folder;

  @Test
  void holdsOutPicturesOfAFolder() throws IOException {
    TrainingImages images = new Source(folder(3, 8).toString(), 0, 0).open(8);

    assertThat(images.learned().size()).isEqualTo(22);
    assertThat(images.shown().size()).isEqualTo(2);
    assertThat(hashes(images.shown())).doesNotContainAnyElementsOf(hashes(images.learned()));
    assertThat(images.storage()).isEqualTo(Storage.FILES);
  }

  @Test
  void showsWhatItLearnsFromWhereThereIsLittle() throws IOException {
    TrainingImages images = new Source(folder(2, 4).toString(), 0, 0).open(8);

    assertThat(images.learned().size()).isEqualTo(8);
    assertThat(images.shown()).isSameAs(images.learned());
  }

  @Test
  void drawsShapesOfAnotherSeedToLookAt() {
    TrainingImages images = new Source("shapes", 5, 30).open(8);

    assertThat(images.learned().identity()).contains("seed 5, side 8, 30 pictures");
    assertThat(images.shown().size()).isEqualTo(10);
    assertThat(hashes(images.shown())).doesNotContainAnyElementsOf(hashes(images.learned()));
    assertThat(images.storage()).isEqualTo(Storage.MEMORY);
  }

  @Test
  void checksEachPictureOnce() throws IOException {
    Path set = folder(2, 20);
    TrainingImages images = new Source(set.toString(), 0, 0).open(8);
    List<Long> told = new ArrayList<>();

    images.check(told::add);
    Path damaged = Files.writeString(set.resolve("class1/05.png"), "none");

    assertThat(told).containsExactly(36L);
    assertThatThrownBy(() -> images.check(told::add))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot read picture '%s': it is neither PNG nor JPEG", damaged);
  }

  private static List<String> hashes(LabelledImages images) {
    return LongStream.range(0, images.size()).mapToObj(i -> images.image(i).sha256()).toList();
  }

  private Path folder(int classes, int each) throws IOException {
    ShapeImages shapes = ShapeImages.of(3, 8, (long) classes * each);
    for (int i = 0; i < classes * each; i++) {
      Path group = Files.createDirectories(folder.resolve("class" + i / each));
      Files.write(group.resolve("%02d.png".formatted(i % each)), PngCodec.encode(shapes.image(i)));
    }
    return folder;
  }
}
