package io.tandem.kernel;

import io.tandem.fid.Eigen;
import io.tandem.fid.FeatureSet;
import io.tandem.fid.LinearAlgebra;
import io.tandem.fid.Matrix;
import io.tandem.model.DeviceSpec;
import java.util.List;
import java.util.Optional;

/** Linear algebra by libtorch's LAPACK on the processor ({@code moments.py}). */
public final class LibTorchAlgebra implements LinearAlgebra {

  @Override
  public Eigen eigen(Matrix matrix) {
    try (NativeScope scope = NativeScope.open(DeviceSpec.CPU)) {
      List<Tensor> eigen = Kernels.call("eigen").with(tensor(scope, matrix)).toTensors(scope);
      return Eigen.of(eigen.get(0).toDoubles(), matrix(eigen.get(1)));
    }
  }

  @Override
  public double[] singularValues(Matrix matrix) {
    try (NativeScope scope = NativeScope.open(DeviceSpec.CPU)) {
      return Kernels.call("singular_values")
          .with(tensor(scope, matrix))
          .toTensor(scope)
          .toDoubles();
    }
  }

  @Override
  public double[] singularValuesOfProduct(Matrix a, Matrix b) {
    return ofProduct("singular_values_of_product", a, b);
  }

  @Override
  public double[] squaredSingularValuesOfProduct(Matrix a, Matrix b) {
    return a.rows() < b.rows()
        ? ofProduct("squared_singular_values_of_product", b, a)
        : ofProduct("squared_singular_values_of_product", a, b);
  }

  private static double[] ofProduct(String kernel, Matrix a, Matrix b) {
    try (NativeScope scope = NativeScope.open(DeviceSpec.CPU)) {
      return Kernels.call(kernel)
          .with(tensor(scope, a))
          .with(tensor(scope, b))
          .toTensor(scope)
          .toDoubles();
    }
  }

  @Override
  public Optional<Matrix> triangularRoot(Matrix matrix, double share) {
    try (NativeScope scope = NativeScope.open(DeviceSpec.CPU)) {
      return Kernels.call("triangular_root")
          .with(tensor(scope, matrix))
          .with(share)
          .toTensors(scope)
          .stream()
          .findFirst()
          .map(LibTorchAlgebra::matrix);
    }
  }

  @Override
  public double[] innerProducts(FeatureSet a, FeatureSet b) {
    try (NativeScope scope = NativeScope.open(DeviceSpec.CPU)) {
      return Kernels.call("inner_products")
          .with(tensor(scope, a))
          .with(tensor(scope, b))
          .toTensor(scope)
          .toDoubles();
    }
  }

  @Override
  public float[] roughInnerProducts(FeatureSet a, FeatureSet b) {
    try (NativeScope scope = NativeScope.open(DeviceSpec.CPU)) {
      return Kernels.call("rough_inner_products")
          .with(tensor(scope, a))
          .with(tensor(scope, b))
          .toTensor(scope)
          .toFloats();
    }
  }

  private static Tensor tensor(NativeScope scope, FeatureSet set) {
    return scope.floats(set.toFloats(), set.size(), set.dimension());
  }

  @Override
  public Matrix product(Matrix a, Matrix b) {
    try (NativeScope scope = NativeScope.open(DeviceSpec.CPU)) {
      return matrix(ProductKernel.product(scope, tensor(scope, a), tensor(scope, b)));
    }
  }

  private static Tensor tensor(NativeScope scope, Matrix matrix) {
    return scope.doubles(matrix.toArray(), matrix.rows(), matrix.columns());
  }

  private static Matrix matrix(Tensor tensor) {
    long[] shape = tensor.shape();
    return Matrix.of((int) shape[0], (int) shape[1], tensor.toDoubles());
  }
}
