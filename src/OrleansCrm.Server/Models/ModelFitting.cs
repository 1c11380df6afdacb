using OrleansCrm.Engagement.Churn.Fitting;
using OrleansCrm.Journal;
using OrleansCrm.Server.Programs;

namespace OrleansCrm.Server.Models;

/// <summary>What became of a fit.</summary>
/// <param name="Fit">Null when it was not begun: another one is running, or there is too little to fit to.</param>
/// <param name="Refusal">Stable code of why nothing was published although it was asked for, or why there is no fit; null otherwise.</param>
/// <param name="Published">The version that has it; null when none was published.</param>
internal sealed record FitOutcome(ModelFit? Fit, string? Refusal, int? Published);

/// <summary>Fits models to the customers of this process's database, one at a time, and publishes them as programs.</summary>
internal sealed class ModelFitting(IJournal journal, ProgramLedger ledger, ProgramBoard board, TimeProvider time) : IDisposable
{
    public const string Running = "fit_running";
    public const string TooLittle = "too_little_history";
    public const string Conflict = "version_conflict";

    private readonly SemaphoreSlim _one = new(1, 1);

    /// <exception cref="JournalException">The database cannot be read.</exception>
    public async Task<FitOutcome> FitAsync(string tenant, FitRequest request, bool publish, CancellationToken cancellation)
    {
        if (!await _one.WaitAsync(TimeSpan.Zero, cancellation))
            return new FitOutcome(null, Running, null);
        try
        {
            var program = await ProgramLedger.CurrentOfAsync(journal, tenant, cancellation);
            if (await ModelFitter.RunAsync(journal, program, request, time, cancellation) is not { } fit)
                return new FitOutcome(null, TooLittle, null);
            if (!publish || fit.Refusal is not null)
                return new FitOutcome(fit, publish ? fit.Refusal : null, null);

            // It was fitted under the horizon of this version: another one that came meanwhile has to be looked at first.
            var (published, isTaken) = await ledger.PublishAsync(tenant, fit.Document, program.Version);
            await board.ReloadAsync(CancellationToken.None);
            return isTaken ? new FitOutcome(fit, null, published.Version) : new FitOutcome(fit, Conflict, null);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>A refusal in words.</summary>
    public static string DetailOf(string refusal) => refusal switch
    {
        Running => "A model is being fitted already; one at a time.",
        TooLittle =>
            $"A fit takes {PurchaseFit.CustomersMin} customers who have bought and {PurchaseFit.RepeatsMin} repeat purchases; until then the shipped parameters say more.",
        Conflict => "Another program was published meanwhile; fit again under it.",
        ModelFit.OutOfRange => "A parameter lies beyond what a program may have; nothing was published.",
        _ => "The fit did not come to a maximum; nothing was published.",
    };

    public void Dispose() => _one.Dispose();
}
