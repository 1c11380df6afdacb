using System.Globalization;
using OrleansCrm.Engagement.Churn;
using OrleansCrm.Engagement.Churn.Fitting;
using OrleansCrm.TestSupport;

namespace OrleansCrm.Engagement.Tests.Churn.Fitting;

public sealed class PurchaseFitTests
{
    private const string Summary = "cdnow-sample-summary-with-spend.csv";

    [Fact]
    public void Parameters_that_histories_were_drawn_from_are_found_again()
    {
        var truth = new BetaGeometricModel(0.8, 8, 1.2, 3, true);
        var fit = PurchaseFit.Of(PurchaseSample.Of(Draw(truth, 20_000, seed: 3)), BetaGeometricModel.MbgName);

        Assert.True(fit.Converged);
        Assert.False(fit.NobodyStops);
        double[] expected = [truth.R, truth.Alpha, truth.A, truth.B];
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(fit.Parameters[i].Error > 0);
            Assert.InRange(fit.Parameters[i].Value, expected[i] - 4 * fit.Parameters[i].Error, expected[i] + 4 * fit.Parameters[i].Error);
        }
    }

    [Theory]
    [InlineData(BetaGeometricModel.MbgName)]
    [InlineData(BetaGeometricModel.BgName)]
    public void Shop_where_nobody_stops_is_flagged(string model)
    {
        var random = new Random(8);
        var customers = Enumerable.Range(0, 4_000).Select(_ => Constant(random)).ToArray();

        var fit = PurchaseFit.Of(PurchaseSample.Of(customers), model);
        var nbd = PurchaseFit.Of(PurchaseSample.Of(customers), NbdModel.ModelName);

        Assert.True(fit.NobodyStops);
        Assert.True(nbd.Converged);
        Assert.Equal(nbd.LogLikelihood, fit.LogLikelihood, 1.0);
    }

    [Fact]
    public void Order_of_the_customers_changes_no_digit()
    {
        var customers = Draw(new BetaGeometricModel(0.8, 8, 1.2, 3, true), 2_000, seed: 4);
        var there = PurchaseFit.Of(PurchaseSample.Of(customers), BetaGeometricModel.MbgName);
        var back = PurchaseFit.Of(PurchaseSample.Of([.. customers.Reverse()]), BetaGeometricModel.MbgName);
        Assert.Equal(there.Model, back.Model);
    }

    [Fact]
    public void Few_customers_are_not_enough()
    {
        Assert.False(PurchaseFit.IsEnough(PurchaseSample.Of(Draw(new BetaGeometricModel(0.8, 8, 1.2, 3, true), 200, seed: 5))));
        Assert.True(PurchaseFit.IsEnough(PurchaseSample.Of(Draw(new BetaGeometricModel(0.8, 8, 1.2, 3, true), 2_000, seed: 5))));
    }

    [SharedDataFact(Summary)]
    public void Published_fits_of_the_CDNOW_sample_are_reproduced()
    {
        var sample = PurchaseSample.Of([.. Rows().Select(r => new ObservedCustomer(new PurchaseHistory(r.X, new Weeks(r.Last)), new Weeks(r.Age)))]);
        AssertFit(sample, BetaGeometricModel.BgName, -9582.42556, 0.24259291, 4.41353156, 0.79288614, 2.42575338);
        AssertFit(sample, BetaGeometricModel.MbgName, -9582.13268, 0.52483798, 6.18299202, 0.89135616, 1.61399933);
        var pareto = PurchaseFit.Of(sample, ParetoNbdModel.ModelName);
        Assert.True(pareto.Converged);
        Assert.Equal(-9594.974, pareto.LogLikelihood, 0.01);
        Assert.Equal(0.553, pareto.Parameters[0].Value, 2e-3);
        Assert.Equal(0.606, pareto.Parameters[2].Value, 2e-3);
        var nbd = PurchaseFit.Of(sample, NbdModel.ModelName);
        Assert.Equal(NbdModel.Cdnow.R, nbd.Parameters[0].Value, 1e-3);
        Assert.Equal(NbdModel.Cdnow.Alpha, nbd.Parameters[1].Value, 1e-2);
    }

    [Theory]
    [InlineData(ParetoNbdModel.ModelName)]
    [InlineData(NbdModel.ModelName)]
    [InlineData(BetaGeometricModel.MbgName)]
    public void Derivatives_of_the_likelihood_are_those_of_its_differences(string model)
    {
        var sample = PurchaseSample.Of(Draw(new BetaGeometricModel(0.8, 8, 1.2, 3, true), 300, seed: 6));
        ILikelihood likelihood = model switch
        {
            ParetoNbdModel.ModelName => new ParetoNbdLikelihood(sample),
            NbdModel.ModelName => new NbdLikelihood(sample),
            _ => new BetaGeometricLikelihood(sample, stopsAfterFirst: true),
        };
        var random = new Random(7);
        for (var i = 0; i < 20; i++)
        {
            var theta = Enumerable.Range(0, likelihood.Parameters).Select(_ => 3 * random.NextDouble() - 1.5).ToArray();
            var (exact, near, scratch) = (new double[theta.Length], new double[theta.Length], new double[theta.Length]);
            likelihood.At(theta, exact);
            Differences.Gradient(t => likelihood.At(t, scratch), theta, near);
            for (var j = 0; j < theta.Length; j++)
                Assert.Equal(exact[j], near[j], 1e-4 * Math.Max(1, Math.Abs(exact[j])));
        }
    }

    [Fact]
    public void Search_that_begins_near_ends_where_one_from_afar_does_with_far_fewer_steps()
    {
        var sample = PurchaseSample.Of(Draw(new BetaGeometricModel(0.8, 8, 1.2, 3, true), 5_000, seed: 9));
        var part = new Counting(new ParetoNbdLikelihood(sample.Thinned(10)));
        var (afar, near) = (new Counting(new ParetoNbdLikelihood(sample)), new Counting(new ParetoNbdLikelihood(sample)));
        var expected = Maximum.Find(afar, [0, 0, 0, 0]);
        var start = Maximum.Find(part, [0, 0, 0, 0]);
        var curvature = start.Curvature;
        for (var i = 0; i < 16; i++)
            curvature[i / 4, i % 4] /= 10;

        var found = Maximum.Find(near, start.Theta, curvature);

        Assert.True(found.Converged);
        Assert.Equal(expected.LogLikelihood, found.LogLikelihood, 1e-3);
        Assert.True(near.Calls < 0.7 * afar.Calls, $"{near.Calls} instead of {afar.Calls}");
    }

    private sealed class Counting(ILikelihood likelihood) : ILikelihood
    {
        public int Calls { get; private set; }

        public int Parameters => likelihood.Parameters;

        public double At(ReadOnlySpan<double> theta, Span<double> gradient)
        {
            Calls++;
            return likelihood.At(theta, gradient);
        }
    }

    [SharedDataFact(Summary)]
    public void Published_spend_of_the_CDNOW_sample_is_reproduced()
    {
        var fit = SpendFit.Of(Rows().Where(r => r.X > 0).Select(r => (r.X, r.Mean)));
        Assert.True(fit.Converged);
        Assert.Equal(946, fit.Customers);
        Assert.Equal(-4055.92324, fit.LogLikelihood, 1e-3);
        Assert.Equal(6.2488, fit.Model.P, 1e-2);
        Assert.Equal(3.7446, fit.Model.Q, 1e-2);
        Assert.Equal(15.4478, fit.Model.V, 5e-2);
    }

    private static void AssertFit(PurchaseSample sample, string model, double logLikelihood, params double[] parameters)
    {
        var fit = PurchaseFit.Of(sample, model);
        Assert.True(fit.Converged);
        Assert.False(fit.NobodyStops);
        Assert.Equal(logLikelihood, fit.LogLikelihood, 1e-3);
        for (var i = 0; i < parameters.Length; i++)
            Assert.Equal(parameters[i], fit.Parameters[i].Value, 1e-3);
    }

    private static (int X, double Last, double Age, double Mean)[] Rows() =>
    [
        .. File.ReadLines(Path.Combine(SharedDataFactAttribute.Folder!, Summary)).Skip(1).Select(line => line.Split(','))
            .Select(f => (int.Parse(f[1], CultureInfo.InvariantCulture), Number(f[2]), Number(f[3]), Number(f[4]))),
    ];

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static ObservedCustomer[] Draw(BetaGeometricModel model, int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => DrawOne(random, model))];
    }

    private static ObservedCustomer DrawOne(Random random, BetaGeometricModel model)
    {
        var rate = random.NextGamma(model.R) / model.Alpha;
        var (a, b) = (random.NextGamma(model.A), random.NextGamma(model.B));
        var stop = a / (a + b);
        var age = 20 + 60 * random.NextDouble();
        var (x, last, time) = (0, 0.0, 0.0);
        while (random.NextDouble() >= stop)
        {
            time -= Math.Log(1 - random.NextDouble()) / rate;
            if (time > age)
                break;
            (x, last) = (x + 1, time);
        }

        return new ObservedCustomer(new PurchaseHistory(x, new Weeks(last)), new Weeks(age));
    }

    private static ObservedCustomer Constant(Random random)
    {
        var rate = random.NextGamma(2) / 10;
        var (x, last, time, age) = (0, 0.0, 0.0, 40.0);
        while ((time -= Math.Log(1 - random.NextDouble()) / rate) <= age)
            (x, last) = (x + 1, time);
        return new ObservedCustomer(new PurchaseHistory(x, new Weeks(last)), new Weeks(age));
    }
}
