namespace OrleansCrm.Engagement.Numerics;

/// <summary>The little that fitting four parameters needs of matrices.</summary>
internal static class Matrix
{
    public static double[,] Identity(int n)
    {
        var matrix = new double[n, n];
        Reset(matrix);
        return matrix;
    }

    public static void Reset(double[,] matrix)
    {
        for (var i = 0; i < matrix.GetLength(0); i++)
        {
            for (var j = 0; j < matrix.GetLength(1); j++)
                matrix[i, j] = i == j ? 1 : 0;
        }
    }

    public static double[] Times(double[,] matrix, double[] vector)
    {
        var product = new double[vector.Length];
        for (var i = 0; i < vector.Length; i++)
        {
            for (var j = 0; j < vector.Length; j++)
                product[i] += matrix[i, j] * vector[j];
        }

        return product;
    }

    /// <summary>
    /// The BFGS update of the inverse Hessian, for a maximum: with s the step, y the fall of the gradient over it and rho = 1 / s'y,
    /// H becomes (I - rho s y') H (I - rho y s') + rho s s'. Left alone where s'y is not positive.
    /// </summary>
    public static void Update(double[,] inverse, double[] next, double[] before, double[] nextGradient, double[] gradient)
    {
        var n = next.Length;
        var (s, y) = (new double[n], new double[n]);
        var sy = 0.0;
        for (var i = 0; i < n; i++)
        {
            s[i] = next[i] - before[i];
            y[i] = gradient[i] - nextGradient[i];
            sy += s[i] * y[i];
        }

        if (!(sy > 0))
            return;
        var hy = Times(inverse, y);
        var yhy = 0.0;
        for (var i = 0; i < n; i++)
            yhy += y[i] * hy[i];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
                inverse[i, j] += (1 + yhy / sy) * s[i] * s[j] / sy - (hy[i] * s[j] + s[i] * hy[j]) / sy;
        }
    }

    /// <summary>By elimination with pivots; null for a singular matrix. The argument is used up.</summary>
    public static double[,]? Inverse(double[,] matrix)
    {
        var n = matrix.GetLength(0);
        var inverse = Identity(n);
        for (var column = 0; column < n; column++)
        {
            var pivot = column;
            for (var row = column + 1; row < n; row++)
            {
                if (Math.Abs(matrix[row, column]) > Math.Abs(matrix[pivot, column]))
                    pivot = row;
            }

            if (!(Math.Abs(matrix[pivot, column]) > 0))
                return null;
            for (var j = 0; j < n; j++)
            {
                (matrix[column, j], matrix[pivot, j]) = (matrix[pivot, j], matrix[column, j]);
                (inverse[column, j], inverse[pivot, j]) = (inverse[pivot, j], inverse[column, j]);
            }

            var scale = matrix[column, column];
            for (var j = 0; j < n; j++)
            {
                matrix[column, j] /= scale;
                inverse[column, j] /= scale;
            }

            for (var row = 0; row < n; row++)
            {
                var factor = matrix[row, column];
                if (row == column || factor == 0)
                    continue;
                for (var j = 0; j < n; j++)
                {
                    matrix[row, j] -= factor * matrix[column, j];
                    inverse[row, j] -= factor * inverse[column, j];
                }
            }
        }

        return inverse;
    }
}
