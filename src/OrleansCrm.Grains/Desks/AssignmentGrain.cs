using System.Text.Json;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansCrm.Contracts.Desks;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Journal;

namespace OrleansCrm.Grains.Desks;

/// <summary>
/// Follows its desk as a client does, by number, and asks the alerts' customers for what <see cref="AssignmentBook"/> decides. What was asked
/// and not answered is asked again under the same message id until there is an answer, so nothing happens twice and nothing is forgotten.
/// </summary>
public sealed partial class AssignmentGrain(IJournal journal, DeskOptions options, TimeProvider time, ILogger<AssignmentGrain> logger) : Grain, IAssignmentGrain
{
    private const int PageSize = 500;

    /// <summary>A longer pause between two looks is like a restart: who is there has to be seen anew first.</summary>
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, long> _seen = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, (Dispatch Dispatch, NewEntry Entry)> _unanswered = new(StringComparer.Ordinal);
    private AssignmentBook? _book;
    private AssignmentRules? _rules;
    private AgentStatus[] _present = [];
    private string _tenant = "";
    private string _desk = "";
    private long _sequence;
    private long _watchingSince;
    private long _looked;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyString();
        var slash = key.IndexOf('/');
        (_tenant, _desk) = (key[..slash], key[(slash + 1)..]);
        _watchingSince = _looked = time.GetTimestamp();
        return Task.CompletedTask;
    }

    public async Task AssignAsync(AssignmentRules rules)
    {
        if (_rules is null || rules.Version >= _rules.Version)
        {
            if (_rules?.Version != rules.Version)
                _book?.LookAgain();
            _rules = rules;
        }

        await LookAsync(_rules);
    }

    public Task NudgeAsync() => _rules is { } rules ? LookAsync(rules) : Task.CompletedTask;

    private async Task LookAsync(AssignmentRules rules)
    {
        try
        {
            var book = await CatchUpAsync();
            await SeeAsync(book);
            foreach (var dispatch in book.Plan(new DeskMoment(rules, _present, GoneFor, options.PresenceLease), options.DispatchesMax - _unanswered.Count))
                _unanswered.Add(dispatch.Alert, (dispatch, EntryOf(dispatch)));
            await Task.WhenAll(_unanswered.Values.ToArray().Select(asked => AskAsync(book, asked.Dispatch, asked.Entry)));
        }
        catch (JournalException exception)
        {
            // What is known is still true; the next look goes on from it.
            LogUnread(_desk, exception.GetType().Name);
        }
    }

    private async Task<AssignmentBook> CatchUpAsync()
    {
        if (_book is { } known && !(known.IsPartial && known.Count < options.AssignableAlertsMax / 2)
            && await GrainFactory.GetGrain<IDeskGrain>(this.GetPrimaryKeyString()).ChangesAsync(_sequence) is { } missed)
        {
            foreach (var change in missed.Changes)
                known.Take(AssignableAlert.Read(change.Alert), _desk);
            _sequence = missed.Sequence;
            return known;
        }

        // The number first: what changes while the list is read is told once more.
        var book = new AssignmentBook(options.AssignableAlertsMax);
        var sequence = (await journal.ReadDeskAsync(this.GetPrimaryKeyString(), CancellationToken.None)).Sequence;
        var (rank, id) = (long.MaxValue, "");
        while (true)
        {
            var page = await journal.ReadOpenAlertsAsync(this.GetPrimaryKeyString(), rank, id, PageSize, CancellationToken.None);
            foreach (var alert in page)
                book.Take(AssignableAlert.Read(alert.Alert), _desk);
            if (page.Length < PageSize || book.IsPartial)
                break;
            (rank, id) = (page[^1].Rank, page[^1].AlertId);
        }

        foreach (var (dispatch, _) in _unanswered.Values)
            book.Resume(dispatch);
        (_book, _sequence) = (book, sequence);
        return book;
    }

    private async Task SeeAsync(AssignmentBook book)
    {
        var now = time.GetTimestamp();
        if (time.GetElapsedTime(_looked, now) > PauseMax)
            _watchingSince = now;
        _looked = now;
        var present = await GrainFactory.GetGrain<IRosterGrain>(_tenant).ViewAsync();
        foreach (var agent in present)
        {
            if (agent.State != "offline")
                _seen[agent.Agent] = now;
        }

        if (!present.Select(a => (a.Agent, a.State, a.Role)).SequenceEqual(_present.Select(a => (a.Agent, a.State, a.Role))))
            book.LookAgain();
        _present = present;
    }

    private TimeSpan GoneFor(string agent)
    {
        var watched = time.GetElapsedTime(_watchingSince);
        return _seen.TryGetValue(agent, out var seen) && time.GetElapsedTime(seen) is var gone && gone < watched ? gone : watched;
    }

    private async Task AskAsync(AssignmentBook book, Dispatch dispatch, NewEntry entry)
    {
        try
        {
            AlertId.TryParse(dispatch.Alert, out var alert);
            var response = await GrainFactory.GetGrain<IPartitionGrain>(alert.Partition).AppendAsync(new AppendRequest([entry]));
            if (response is not { Status: AppendStatus.Done, Outcomes: [var decided, ..] })
                return;
            _unanswered.Remove(dispatch.Alert);
            if (decided.Body.Length > 0)
                book.Take(AssignableAlert.Read(decided.Body), _desk);
            else
                book.Forget(dispatch.Alert);
            book.End(dispatch);
        }
        catch (Exception exception) when (exception is OrleansException or TimeoutException or InvalidOperationException or OperationCanceledException)
        {
            LogUnanswered(_desk, exception.GetType().Name);
        }
    }

    private NewEntry EntryOf(Dispatch dispatch) => new(
        _tenant + "/",
        Guid.NewGuid(),
        EntryTypes.AlertDispatch,
        time.GetUtcNow().ToUnixTimeMilliseconds(),
        JsonSerializer.SerializeToUtf8Bytes(new { alert = dispatch.Alert, from = dispatch.From, to = dispatch.To, why = dispatch.Why }));

    [LoggerMessage(1, LogLevel.Warning, "The alerts of desk {Desk} could not be read for assignment: {Reason}")]
    private partial void LogUnread(string desk, string reason);

    [LoggerMessage(2, LogLevel.Warning, "Whether an alert of desk {Desk} was assigned is unknown and will be asked again: {Reason}")]
    private partial void LogUnanswered(string desk, string reason);
}
