using OrleansCrm.Engagement.Churn;
using OrleansCrm.Engagement.Churn.Fitting;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Journal;
using OrleansCrm.Server.Programs;

namespace OrleansCrm.Server.Models;

/// <summary>Fits a purchase model to the customers of a journal, and judges whether the result may be used.</summary>
internal static class ModelFitter
{
    private const int RepeatsShown = 8;
    private const int AgeGroups = 200;

    /// <returns>Null when there is too little to fit to: see <see cref="PurchaseFit.IsEnough"/>.</returns>
    /// <exception cref="JournalException">The database cannot be read, or is damaged.</exception>
    public static async Task<ModelFit?> RunAsync(
        IJournal journal, PublishedProgram program, FitRequest request, TimeProvider time, CancellationToken cancellation)
    {
        long? segmentsAtMs = request.IsBySegment(program.Document) ? time.GetUtcNow().ToUnixTimeMilliseconds() : null;
        var records = await PurchaseRecords.ReadAsync(journal, program.Tenant, program.Document, segmentsAtMs, cancellation);

        // A thread of its own: it computes for seconds.
        return await Task.Factory.StartNew(
            () => Run(records, program.Document, request, cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public static ModelFit? Run(PurchaseRecord[] records, ProgramDocument program, FitRequest request, CancellationToken cancellation)
    {
        if (records.Length == 0)
            return null;
        var asOfMs = records.Max(r => r.NewestMs);
        var known = Array.ConvertAll(records, r => r.At(asOfMs)).OfType<KnownPurchases>().ToArray();
        var sample = SampleOf(known);
        if (!PurchaseFit.IsEnough(sample))
            return null;

        var asked = PurchaseFit.Of(sample, request.Model);
        var used = asked is { NobodyStops: true, Model: not NbdModel } ? PurchaseFit.Of(sample, NbdModel.ModelName) : asked;
        cancellation.ThrowIfCancellationRequested();
        var window = request.Calibrates ? WindowOf(records, used.Model.Name, program.Churn.Horizon, asOfMs) : null;
        var spend = SpendOf(records);
        var segments = request.IsBySegment(program)
            ? new SegmentFitter(records, program, request, asOfMs, used.Model).Run(cancellation)
            : [];
        var document = program with
        {
            Churn = program.Churn with
            {
                Model = used.Model,
                Spend = IsUsable(spend) ? spend.Model : null,
                Calibration = window?.Calibration ?? RiskCalibration.None,
                BySegment = [.. segments.Select(segment => segment.Own).OfType<SegmentChurn>()],
            },
        };
        return new ModelFit(asOfMs, asked, used, window, RepeatsOf(used.Model, known), spend, segments, document)
        {
            SegmentCustomersMin = request.SegmentCustomersMin,
            Refusal = RefusalOf(used, document),
        };
    }

    // All orders with a value count, as they do in the average that the model is asked about.
    public static SpendFit SpendOf(PurchaseRecord[] records) => SpendFit.Of(records.Select(r =>
    {
        var values = r.Purchases.Where(p => p.ValueMicros > 0).Select(p => p.ValueMicros / 1e6).ToArray();
        return (values.Length, values.Length == 0 ? 0 : values.Average());
    }));

    /// <summary>A mean over everybody has to exist, and the maximum must not lie at the edge of the search.</summary>
    public static bool IsUsable(SpendFit spend) =>
        spend is { Converged: true, Customers: >= PurchaseFit.CustomersMin, Model: { P: >= 1e-4 and <= 1e6, Q: >= 1.001 and <= 1e6, V: >= 1e-6 and <= 1e12 } }
        && spend.Parameters.All(p => double.IsFinite(p.Error));

    // The model did not know the window when it called these risks, nor does the one that is published.
    public static CalibrationWindow? WindowOf(PurchaseRecord[] records, string model, Weeks horizon, long asOfMs)
    {
        var fromMs = asOfMs - (long)horizon.ToMilliseconds();
        var before = records.Select(r => (Record: r, Known: r.At(fromMs))).Where(r => r.Known is not null)
            .Select(r => (r.Record, Known: r.Known!.Value)).ToArray();
        var sample = SampleOf(Array.ConvertAll(before, r => r.Known));
        if (!PurchaseFit.IsEnough(sample))
            return null;
        var fit = PurchaseFit.Of(sample, model);
        if (!fit.Converged)
            return null;
        var risks = Array.ConvertAll(before, r => fit.Model.HorizonRisk(r.Known.History, r.Known.Silence, horizon));
        var boughtNothing = Array.ConvertAll(before, r => r.Record.DaysBetween(fromMs, asOfMs) == 0);
        return new CalibrationWindow(fromMs, asOfMs, risks, boughtNothing, CalibrationFit.Of(risks, boughtNothing));
    }

    private static string? RefusalOf(PurchaseFit used, ProgramDocument document)
    {
        // Without a standard error a parameter lies at the edge of the search: there is no maximum where it stands.
        if (!used.Converged || used.Parameters.Any(p => !double.IsFinite(p.Error)))
            return ModelFit.NotConverged;
        return IsInRange(document) ? null : ModelFit.OutOfRange;
    }

    /// <summary>Whether it is a program that could be published.</summary>
    public static bool IsInRange(ProgramDocument document)
    {
        try
        {
            ProgramDocument.Parse(document.ToJson());
            return true;
        }
        catch (ProgramException)
        {
            return false;
        }
    }

    public static PurchaseSample SampleOf(IEnumerable<KnownPurchases> known) =>
        PurchaseSample.Of([.. known.Select(k => new ObservedCustomer(k.History, k.Age))]);

    // Customers of about the same age are counted at their mean age: two hundred groups instead of a hundred thousand customers.
    public static RepeatRow[] RepeatsOf(IChurnModel model, KnownPurchases[] known)
    {
        var actual = new int[RepeatsShown];
        foreach (var customer in known)
            actual[Math.Min(customer.History.Repeats, RepeatsShown - 1)]++;
        var expected = new double[RepeatsShown];
        var ages = known.Select(k => k.Age.Count).Order().ToArray();
        for (var group = 0; group < AgeGroups; group++)
        {
            var members = ages.AsSpan(ages.Length * group / AgeGroups, ages.Length * (group + 1) / AgeGroups - ages.Length * group / AgeGroups);
            if (members.IsEmpty)
                continue;
            var mean = 0.0;
            foreach (var age in members)
                mean += age / members.Length;
            var counts = RepeatCounts.Of(model, new Weeks(mean), RepeatsShown);
            for (var x = 0; x < RepeatsShown; x++)
                expected[x] += members.Length * counts[x];
        }

        return [.. Enumerable.Range(0, RepeatsShown).Select(x => new RepeatRow(x, x == RepeatsShown - 1, actual[x], expected[x]))];
    }
}
