using OrleansCrm.Engagement.Personalization;
using OrleansCrm.Grains.Decisions;
using OrleansCrm.Journal;
using OrleansCrm.Server.Hosting;
using OrleansCrm.Server.Programs;

namespace OrleansCrm.Server.Decisions;

/// <summary>
/// Brings the tables of offers up to what the journal's sums say, every few seconds. The sums are exact over all customers and processes,
/// so every process learns from all, and none has to remember anything.
/// </summary>
internal sealed partial class OfferLearning(
    IJournal journal, ProgramBoard programs, DecisionBoard tables, ServerOptions options, TimeProvider time, ILogger<OfferLearning> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                foreach (var program in programs.WithOffers)
                {
                    var sums = await journal.ReadSumsAsync(program.Tenant, stoppingToken);
                    var learned = new OfferTable(sums, time.GetUtcNow().ToUnixTimeMilliseconds(), program.Document.Learning);
                    tables.Renew(program.Tenant, now => now.With(learned));
                }
            }
            catch (JournalException exception)
            {
                LogUnread(exception.GetType().Name);
            }

            await Task.Delay(options.Decisions.LearningPeriod, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "What was learned about offers could not be read again: {Reason}")]
    private partial void LogUnread(string reason);
}
