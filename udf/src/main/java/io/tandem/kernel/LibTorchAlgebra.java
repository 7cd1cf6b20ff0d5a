package io.tandem.kernel;

import io.tandem.fid.Eigen;
import io.tandem.fid.LinearAlgebra;
import io.tandem.fid.Matrix;
import io.tandem.model.DeviceSpec;
import java.util.List;

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
