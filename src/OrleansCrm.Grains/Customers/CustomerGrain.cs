using Orleans;
using Orleans.Placement;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Consent;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Identity;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Personalization;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Reserves;
using OrleansCrm.Engagement.Triggers;
using OrleansCrm.Grains.Decisions;
using OrleansCrm.Grains.Program;
using OrleansCrm.Journal;

namespace OrleansCrm.Grains.Customers;

/// <summary>
/// Holds the folded state of one customer. It never reads or writes the journal for itself: the partition tells it where it must stand,
/// and sends what is missing when it does not stand there. So the activation may vanish, or exist twice for a while, and no harm is done.
/// </summary>
[PreferLocalPlacement]
public sealed class CustomerGrain(IJournal journal, ProgramCatalog programs, FoldOutputPool outputs, DecisionBoard decisions) : Grain, ICustomerGrain
{
    private CustomerState? _state;
    private ProgramDocument _program = ProgramDocument.Default;
    private (string Name, string OfTenant) _import = ("", "");

    public async Task<ApplyResponse> ApplyAsync(ApplyRequest request)
    {
        try
        {
            if (request.Snapshot is { } snapshot)
                await RestoreAsync(snapshot);
            else if (_state is null || _state.Offset != request.PreviousOffset)
                return ApplyResponse.Behind;

            var output = outputs.Rent();
            var response = await FoldAsync(request, output);
            outputs.Return(output);
            return response;
        }
        catch (JournalException exception)
        {
            // Outside trouble is not the entry's fault: nothing of the request is kept, and the partition tries again.
            _state = null;
            throw new InvalidOperationException($"The program cannot be read: {exception.GetType().Name}.");
        }
        catch (Exception exception) when (exception is SnapshotVersionException or ProgramException)
        {
            return new ApplyResponse(CustomerStatus.Unreadable, [], [], 0, "", -1, Describe(exception), -1, []);
        }
    }

    private async ValueTask<ApplyResponse> FoldAsync(ApplyRequest request, FoldOutput output)
    {
        var state = _state!;
        List<Outgoing>? outgoing = null;
        List<CommandOutcome>? outcomes = null;
        TimelineNote[] notes = [];
        var offerChanged = false;
        for (var i = 0; i < request.Entries.Length; i++)
        {
            var entry = request.Entries[i];
            output.Clear();
            try
            {
                if (entry.Type == EntryTypes.ProgramPublished && ProgramPublication.TenantOf(entry.Payload) == CustomerKey.Parse(state.Key).Tenant)
                    _program = await programs.GetAsync(entry.Partition, entry.Offset);
                CustomerFold.Apply(state, entry, _program, output);
                if (entry.Customer.Length == 0 && output.Outgoing.Count > 0)
                    throw new InvalidOperationException("A partition-wide entry names no customer, so nothing may leave one on its account.");
            }
            catch (Exception exception) when (exception is not (OutOfMemoryException or JournalException))
            {
                // Whatever the fold had done to the state by then is dropped with it.
                _state = null;
                return new ApplyResponse(CustomerStatus.Faulted, [], [], 0, "", entry.Offset, Describe(exception), -1, []);
            }

            if (output.Outgoing.Count > 0)
                (outgoing ??= []).AddRange(output.Outgoing);
            if (output.Notes.Count > 0 && entry.Customer.Length > 0)
                notes = [.. notes, .. output.Notes];
            offerChanged |= output.OfferChanged;
            if (output.Command is { } command)
                (outcomes ??= []).Add(command with { Index = i });
        }

        CustomerFold.Settle(state);
        return new ApplyResponse(
            CustomerStatus.Done,
            outgoing?.ToArray() ?? [],
            outcomes?.ToArray() ?? [],
            state.NextWakeMs,
            ImportOf(state),
            -1,
            "",
            state.Offset,
            notes,
            offerChanged ? NextBestRenderer.Render(state, 0) : null);
    }

    public Task<ReadResponse> ReadAsync(ReadRequest request)
    {
        var state = _state;
        if (state is null || state.Offset < request.ExpectedOffset)
            return Task.FromResult(new ReadResponse(CustomerStatus.Behind, 0, 0, []));
        if (request.Kind == LookupKind.Reserve)
            return Task.FromResult(new ReadResponse(CustomerStatus.Done, state.Offset, state.NewestMs, ReserveFold.Render(state, _program)));
        if (state.IsEmpty)
            return Task.FromResult(new ReadResponse(CustomerStatus.NotFound, 0, 0, []));

        var asOf = Math.Max(request.AsOfMs, state.NewestMs);
        if (state.LinkedTo.Length > 0 && request.Kind != LookupKind.Alert)
            return Task.FromResult(new ReadResponse(CustomerStatus.Moved, state.Version, asOf, [], state.LinkedTo));
        var body = request.Kind switch
        {
            LookupKind.Alert => AlertRenderer.Render(state, _program, request.Argument),
            LookupKind.Owner => IdentityList.Render(state),
            LookupKind.Ledger => LedgerRenderer.Render(state, request.Argument) ?? [],
            LookupKind.Offer => NextBestRenderer.Render(state, asOf),
            LookupKind.Export => ExportRenderer.Render(state, _program, asOf),
            _ => ProfileRenderer.Render(state, _program, asOf),
        };
        return Task.FromResult(body is null
            ? new ReadResponse(CustomerStatus.NotFound, state.Version, asOf, [])
            : new ReadResponse(CustomerStatus.Done, state.Version, asOf, body));
    }

    public Task<DecideResponse> DecideAsync(DecideRequest request)
    {
        var state = _state;
        if (state is null || state.Offset < request.ExpectedOffset)
            return Task.FromResult(DecideResponse.Behind);
        if (state.Remains is not null)
            return Task.FromResult(DecideResponse.Erased);
        if (state.LinkedTo.Length > 0)
            return Task.FromResult(new DecideResponse(DecideStatus.Moved, [], 0, 0, state.LinkedTo, []));
        if (state.IsEmpty && !request.Opens)
            return Task.FromResult(DecideResponse.NotFound);
        if (request.Ask is { } ask)
            return Task.FromResult(Answer(state, ask, request));
        var decided = Decider.Decide(
            state, _program, request.Question, decisions.Of(CustomerKey.TenantOf(state.Key)), request.Name, request.NowMs, request.IsDegraded || request.Name is null,
            request.Exhausted);
        return Task.FromResult(new DecideResponse(DecideStatus.Done, decided.Made, decided.AnswerAt, decided.AnswerLength, "", [.. decided.Takes]));
    }

    private DecideResponse Answer(CustomerState state, byte[] ask, DecideRequest request)
    {
        var (note, takes, coupon) = TriggeredDecision.Decide(
            state, _program, ask, decisions.Of(CustomerKey.TenantOf(state.Key)), request.Name!.Value, request.NowMs, request.Exhausted, request.CouponSeed);
        return new DecideResponse(DecideStatus.Done, note, note.Length, 0, "", takes, coupon);
    }

    public Task<SnapshotResponse> SnapshotAsync(long expectedOffset, bool leaves)
    {
        var state = _state;
        if (state is null || state.Offset != expectedOffset)
            return Task.FromResult(new SnapshotResponse(CustomerStatus.Behind, [], 0, "", new SearchColumns("", "", 0, 0, 0, 0), []));
        if (leaves)
        {
            _state = null;
            DeactivateOnIdle();
        }

        return Task.FromResult(new SnapshotResponse(
            CustomerStatus.Done,
            SnapshotCodec.Encode(state),
            state.NextWakeMs,
            ImportOf(state),
            Contribution.Search(state, _program),
            Contribution.Sums(state, _program)));
    }

    // Put together once for each import that a customer meets, not for each entry: the state keeps one string as long as the name stays.
    private string ImportOf(CustomerState state)
    {
        if (!ReferenceEquals(_import.Name, state.Import))
            _import = (state.Import, ImportName.OfCustomer(state.Key, state.Import));
        return _import.OfTenant;
    }

    private async Task RestoreAsync(byte[] snapshot)
    {
        var key = this.GetPrimaryKeyString();
        _state = null;
        var state = snapshot.Length == 0 ? CustomerState.Create(key) : SnapshotCodec.Decode(snapshot);
        _program = state.ProgramOffset < 0
            ? ProgramDocument.Default
            : await programs.GetAsync(CustomerKey.Parse(key).PartitionOf(journal.Identity.Partitions), state.ProgramOffset);
        _state = state;
    }

    /// <summary>Type and place, never the message: it may quote what the customer wrote.</summary>
    private static string Describe(Exception exception)
    {
        var frame = exception.StackTrace?.Split('\n').FirstOrDefault()?.Trim() ?? "";
        return $"{exception.GetType().Name} {frame}";
    }
}
