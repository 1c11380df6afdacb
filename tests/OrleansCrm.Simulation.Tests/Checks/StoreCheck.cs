using System.Text;
using System.Text.Json;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Consent;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Reserves;
using OrleansCrm.Journal;
using OrleansCrm.Simulation.Tests.Store;
using OrleansCrm.Simulation.Tests.Workload;
using OrleansCrm.Simulation.Tests.Worlds;

namespace OrleansCrm.Simulation.Tests.Checks;

/// <summary>Holds what is stored against what the clients know and against the straight fold of the journal.</summary>
internal sealed class StoreCheck(World world, JournalStore store, Ledger ledger)
{
    private readonly SortedDictionary<string, StraightFold> _folds = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _sums = new(StringComparer.Ordinal);

    /// <summary>Every customer at the journal's head.</summary>
    public IReadOnlyDictionary<string, StraightFold> Folds => _folds;

    private readonly HashSet<string> _erased = [.. Enumerable.Range(0, store.Identity.Partitions).SelectMany(store.ReadErasures).Select(row => row.Hash)];

    public bool IsErased(string customer) =>
        Tombstone.IsKey(customer) || _erased.Contains(CustomerHash.Of(store.Identity.HashKey, customer).ToString("N"));

    /// <summary>Somebody whose wake falls due by then, or has and is still to come; null for nobody.</summary>
    public static string? FindDue(JournalStore store, long untilMs)
    {
        for (var partition = 0; partition < store.Identity.Partitions; partition++)
        {
            var entries = store.Read(partition, 0, int.MaxValue);
            var wide = entries.Where(e => EntryTypes.IsFoldedByAll(e.Type)).ToArray();
            var running = Simulation.RunningImports(entries);
            foreach (var own in entries.Where(e => e.Customer.Length > 0).GroupBy(e => e.Customer))
            {
                var state = StraightFold.Of(own.Key, own.Concat(wide).OrderBy(e => e.Offset), partition).State;
                if (state.NextWakeMs != 0 && state.NextWakeMs <= untilMs && !running.ContainsKey(ImportName.OfCustomer(own.Key, state.Import)))
                    return own.Key;
            }
        }

        return null;
    }

    public void Run()
    {
        for (var partition = 0; partition < store.Identity.Partitions; partition++)
            CheckPartition(partition);
        CheckMessages();
        new PointsCheck(world, store, ledger, _folds).Run(OwnerOf, IsErased);
        CheckPost();
        CheckTriggered();
        CheckHeld();
        CheckDesks();
        CheckSums();
    }

    private void CheckPartition(int partition)
    {
        var entries = store.Read(partition, 0, int.MaxValue);
        CheckOrder(partition, entries);
        var wide = entries.Where(e => EntryTypes.IsFoldedByAll(e.Type)).ToArray();
        var running = Simulation.RunningImports(entries);
        var faults = store.ReadFaults(partition).Select(f => (f.Offset, f.Customer)).ToHashSet();
        var strands = store.ReadStrandsAfter(partition, 0, int.MaxValue).ToLookup(s => s.Customer);
        foreach (var own in entries.Where(e => e.Customer.Length > 0).GroupBy(e => e.Customer))
        {
            var fold = StraightFold.Of(own.Key, own.Concat(wide).OrderBy(e => e.Offset), partition);
            _folds.Add(own.Key, fold);
            CheckFaults(partition, fold, faults);
            foreach (var offset in fold.Unbalanced)
                Differ(partition, offset, $"the accounts of {own.Key} do not sum to zero");
            foreach (var offset in fold.NeedlessWakes)
                Differ(partition, offset, $"the instant {entries[offset].TimeMs} of {own.Key} was met twice");
            if (fold.State.NextWakeMs != 0 && fold.State.NextWakeMs <= world.WallMs && !running.ContainsKey(ImportName.OfCustomer(own.Key, fold.State.Import)))
                Differ(partition, fold.State.Offset, $"{own.Key} wants to be woken at {fold.State.NextWakeMs} and is not, at {world.WallMs}");
            CheckStored(partition, [.. own], wide, strands[own.Key]);
        }

        foreach (var (offset, customer) in faults)
            Differ(partition, offset, $"was put aside for {customer} and can be folded");
        foreach (var row in store.ReadSnapshotsAfter(partition, "", int.MaxValue).Where(r => !_folds.ContainsKey(r.Customer)))
            Differ(partition, row.CoveredOffset, $"{row.Customer} has a snapshot and no entry");
    }

    private void CheckOrder(int partition, Entry[] entries)
    {
        for (var i = 0; i < entries.Length; i++)
        {
            if (entries[i].Offset != i)
                Differ(partition, i, $"the journal has {entries[i].Offset} here");
            if (entries[i].TimeMs > entries[i].RecordedMs || (i > 0 && entries[i].RecordedMs < entries[i - 1].RecordedMs))
                Differ(partition, i, "its times are out of order");
        }

        foreach (var twice in entries.Where(e => e.Customer.Length > 0).GroupBy(e => e.MessageId).Where(g => g.Count() > 1))
            Differ(partition, twice.Last().Offset, $"{twice.First().Type} of {twice.First().Customer} stands at {twice.First().Offset} already");
    }

    private void CheckFaults(int partition, StraightFold fold, HashSet<(long Offset, string Customer)> faults)
    {
        foreach (var offset in fold.Faults)
        {
            if (!faults.Remove((offset, fold.State.Key)))
                Differ(partition, offset, $"cannot be folded for {fold.State.Key} and is not put aside");
        }
    }

    private void CheckStored(int partition, Entry[] own, Entry[] wide, IEnumerable<StrandRow> strands)
    {
        var customer = own[0].Customer;
        var row = store.ReadSnapshots(partition, [customer])[0];
        var covered = row?.CoveredOffset ?? -1;
        if (own.FirstOrDefault(e => e.Offset > covered) is { } uncovered && uncovered.Offset < store.Checkpoint(partition))
            Differ(partition, uncovered.Offset, $"stands before the checkpoint and no snapshot of {customer} covers it");

        var named = strands.SelectMany(s => s.Offsets.Zip(s.MessageIds)).OrderBy(s => s.First).ToArray();
        if (!named.SequenceEqual(own.Where(e => e.Offset <= covered).Select(e => (e.Offset, e.MessageId))))
            Differ(partition, covered, $"the strands of {customer} name {named.Length} entries, or others than the journal has");
        if (row is null)
            return;

        var fold = StraightFold.Of(customer, own.Concat(wide).Where(e => e.Offset <= covered).OrderBy(e => e.Offset));
        if (!SnapshotCodec.Encode(fold.State).AsSpan().SequenceEqual(row.State))
        {
            world.Say($"stored: {Encoding.UTF8.GetString(row.State)}");
            world.Say($"folded: {Encoding.UTF8.GetString(SnapshotCodec.Encode(fold.State))}");
            Differ(partition, covered, $"the snapshot of {customer} is not what the journal says up to there");
        }

        var sums = Contribution.Sums(fold.State, fold.Program);
        if (!sums.SequenceEqual(row.Sums) || row.Search != Contribution.Search(fold.State, fold.Program)
            || row.NextWakeMs != fold.State.NextWakeMs || row.Import != ImportName.OfCustomer(customer, fold.State.Import))
            Differ(partition, covered, $"the columns of {customer} are not what the journal says up to there");
        foreach (var sum in MonthMetrics.Expand(sums))
            _sums[$"{Events.TenantOf(customer)} {sum.Metric}"] = _sums.GetValueOrDefault($"{Events.TenantOf(customer)} {sum.Metric}") + sum.Value;
    }

    /// <summary>Everything acknowledged is there, where it was said to be, with the answer that was given.</summary>
    private void CheckMessages()
    {
        foreach (var (id, sent) in ledger.Messages)
        {
            if (!sent.IsAcknowledged)
                Differ(sent.Partition, -1, $"{sent.Entry.Type} of {sent.Entry.Customer} was never acknowledged");
            else if (IsGone(sent))
                continue;
            else if (sent.Offset >= 0)
                CheckAcknowledged(id, sent);
            else if (sent.Outcome is not { Code: "not_found" } && sent.Entry.Type != EntryTypes.ProgramPublished) // one that came after a newer one
                Differ(sent.Partition, -1, $"{sent.Entry.Type} of {sent.Entry.Customer} was acknowledged and stands nowhere");
        }
    }

    /// <summary>What an erased customer sent is blank or was refused. A command does not say whom it concerns, but the alert does.</summary>
    private bool IsGone(Ledger.Sent sent)
    {
        var customer = sent.Entry.Customer;
        if (customer.Length == 0)
            return false;
        return customer.EndsWith('/') ? IsOfErased(AlertOf(sent.Entry.Payload, "alert")) : IsErased(customer);
    }

    /// <summary>Whether the alert was raised by an entry that is blank now.</summary>
    private bool IsOfErased(AlertId alert) =>
        store.ReadAt(alert.Partition, [alert.Offset])[0]?.Type is EntryTypes.Erased or EntryTypes.ErasureRequested;

    private void CheckAcknowledged(Guid id, Ledger.Sent sent)
    {
        var entry = store.ReadAt(sent.Partition, [sent.Offset])[0];
        if (entry?.MessageId != id || !entry.Payload.AsSpan().SequenceEqual(sent.Entry.Payload))
        {
            Differ(sent.Partition, sent.Offset, $"{sent.Entry.Type} of {sent.Entry.Customer} was acknowledged and does not stand there");
            return;
        }

        if (sent.Outcome is { Code: not (LinkCodes.AlreadyLinked or LinkCodes.Busy or LinkCodes.TooManyIdentities or LinkCodes.Erased) } told && _folds[entry.Customer].Outcomes.GetValueOrDefault(sent.Offset) is { } folded
            && (told.Code != folded.Code || told.Detail != folded.Detail || !told.Body.AsSpan().SequenceEqual(folded.Body)))
            Differ(sent.Partition, sent.Offset, $"answered '{told.Code}', by the journal it is '{folded.Code}'");
    }

    /// <summary>To whom what was told of this id belongs.</summary>
    private string OwnerOf(StraightFold fold)
    {
        while (fold.State.LinkedTo.Length > 0)
            fold = _folds[fold.State.LinkedTo];
        return fold.State.Key;
    }

    /// <summary>What customers sent to each other has arrived, once, in the order sent; of the erased nobody knows that any more.</summary>
    private void CheckPost()
    {
        var entries = Enumerable.Range(0, store.Identity.Partitions).SelectMany(p => store.Read(p, 0, int.MaxValue)).ToArray();
        var arrived = entries.Where(e => EntryTypes.IsBetweenCustomers(e.Type) && !IsErased(e.Customer) && !IsFromErased(e.Customer, e.Type, e.Payload))
            .ToLookup(e => e.Customer, e => (e.Type, Encoding.UTF8.GetString(e.Payload)));
        var sent = _folds.Values.SelectMany(f => f.Outgoing).Select(o => o.Entry).OfType<OutgoingEntry>()
            .Where(e => EntryTypes.IsBetweenCustomers(e.Type) && !IsErased(e.Customer) && !IsFromErased(e.Customer, e.Type, e.Payload))
            .ToLookup(e => e.Customer, e => (e.Type, Encoding.UTF8.GetString(e.Payload)));
        foreach (var customer in arrived.Select(a => a.Key).Union(sent.Select(s => s.Key)))
        {
            if (!arrived[customer].Order().SequenceEqual(sent[customer].Order()))
                world.Violate($"{customer} was sent {sent[customer].Count()} entries by other customers and got {arrived[customer].Count()}, or others");
        }
    }

    /// <summary>Whatever a policy has offered was asked for, and what was asked was answered once at most.</summary>
    private void CheckTriggered()
    {
        foreach (var (customer, fold) in _folds)
        {
            var asked = fold.Outgoing.Select(o => o.Entry).OfType<OutgoingEntry>().Where(e => e.Type == EntryTypes.DecisionTriggered)
                .ToArray();
            if (asked.Select(e => Encoding.UTF8.GetString(e.Payload)).Distinct().Count() != asked.Length)
                world.Violate($"{customer} was asked for the same twice");
            var made = store.Read(CustomerKey.Parse(customer).PartitionOf(store.Identity.Partitions), 0, int.MaxValue)
                .Where(e => e.Customer == customer && e.Type == EntryTypes.DecisionTriggered).Select(e => AnswerOf(TriggerOf(e.Payload), "id", "cause")).ToArray();
            var questions = asked.Select(e => AnswerOf(e.Payload, "trigger", "cause")).ToArray();
            if (made.Distinct().Count() != made.Length || made.Except(questions).Any())
                world.Violate($"{customer} was asked for {string.Join(", ", questions)} and offered {string.Join(", ", made)}");
        }
    }

    /// <summary>No more was handed out than there is, nobody was offered what was not held for him first, and no code without a part of its own or before it was made.</summary>
    private void CheckHeld()
    {
        var slices = _folds.Values.Where(f => CustomerKey.Parse(f.State.Key).Kind == CustomerKind.Slice);
        foreach (var tenant in slices.GroupBy(f => CustomerKey.TenantOf(f.State.Key)))
        {
            var used = tenant.Sum(f => HandedOut(ReserveFold.Render(f.State, f.Program)));
            if (used > Clients.OffersTotal)
                world.Violate($"{tenant.Key} has handed out {used} of {Clients.OffersTotal}");
        }

        var entries = Enumerable.Range(0, store.Identity.Partitions).SelectMany(p => store.Read(p, 0, int.MaxValue)).ToArray();
        var taken = entries.Where(e => e.Type == EntryTypes.BudgetTake && _folds[e.Customer].Outcomes[e.Offset].Code.Length == 0)
            .Select(e => Number(e.Payload, "hold")).ToHashSet();
        var codes = new HashSet<string>();
        foreach (var entry in entries.Where(e => e.Type == EntryTypes.DecisionTriggered))
        {
            using var note = JsonDocument.Parse(entry.Payload);
            if (!note.RootElement.TryGetProperty("held", out var held))
                continue;
            var hasPart = Enumerable.Range(0, held.GetArrayLength() / 5).Any(i => held[5 * i + 4].GetString()!.Length == 0);
            for (var i = 0; i < held.GetArrayLength(); i += 5)
            {
                if (held[i + 4].GetString() is { Length: > 0 } code ? (codes.Add(code) && !hasPart) || !IsMade(entries, entry, code) : !taken.Contains(held[i + 1].GetUInt64()))
                    Differ(entry.Partition, entry.Offset, $"{entry.Customer} was offered what was not held for him");
            }
        }
    }

    private static long HandedOut(byte[] slice)
    {
        using var json = JsonDocument.Parse(slice);
        return json.RootElement.EnumerateObject().Sum(amount => amount.Value.GetInt64());
    }

    private static bool IsMade(Entry[] entries, Entry offered, string code) => entries.Any(
        e => e.Type == EntryTypes.CouponIssued && e.Customer == ReserveKeys.Coupon(CustomerKey.TenantOf(offered.Customer), code));

    private static ulong Number(byte[] payload, string name)
    {
        using var json = JsonDocument.Parse(payload);
        return json.RootElement.GetProperty(name).GetUInt64();
    }

    private static byte[] TriggerOf(byte[] payload)
    {
        using var json = JsonDocument.Parse(payload);
        return Encoding.UTF8.GetBytes(json.RootElement.GetProperty("trigger").GetRawText());
    }

    private static string AnswerOf(byte[] json, string policy, string cause)
    {
        using var parsed = JsonDocument.Parse(json);
        return $"{parsed.RootElement.GetProperty(policy).GetString()} {parsed.RootElement.GetProperty(cause).GetInt64()}";
    }

    /// <summary>
    /// Answers about points and referrals, and what orders tell budgets and coupons, name nobody: once somebody was erased it cannot be said from
    /// whom they came. Budgets and slices are never erased.
    /// </summary>
    private bool IsFromErased(string customer, string type, byte[] payload) => _erased.Count > 0 && type switch
    {
        EntryTypes.PointsReturned or EntryTypes.ReferralAccepted or EntryTypes.BudgetSpent or EntryTypes.BudgetUnspent or EntryTypes.CouponUse
            or EntryTypes.CouponUnuse => true,
        EntryTypes.BudgetAsk or EntryTypes.BudgetGrant or EntryTypes.BudgetRecall or EntryTypes.BudgetReturn => false,
        _ => IsErased(SenderOf(customer, type, payload)),
    };

    private static string SenderOf(string customer, string type, byte[] payload)
    {
        using var message = JsonDocument.Parse(payload);
        var (tenant, from) = (Events.TenantOf(customer), message.RootElement.GetProperty("from").GetString()!);
        return type is EntryTypes.PointsGiven or EntryTypes.ReferralStands ? Referrals.KeyOf(tenant, from) : tenant + "/" + from;
    }

    private void CheckDesks()
    {
        var sent = _folds.Values.SelectMany(f => f.Outgoing).Where(o => o.Entry is null).ToArray();
        foreach (var desk in store.Desks.Names.Union(sent.Select(o => o.Desk)))
        {
            var changes = store.Desks.ReadChanges(desk, 0, int.MaxValue);
            if (!changes.Select(c => c.Sequence).SequenceEqual(Enumerable.Range(1, changes.Length).Select(i => (long)i)))
                world.Violate($"the numbers of desk {desk} have gaps");
            for (var partition = 0; partition < store.Identity.Partitions; partition++)
            {
                var told = changes.Where(c => AlertOf(c.Alert, "id") is var id && id.Partition == partition && !IsOfErased(id)).Select(c => Encoding.UTF8.GetString(c.Alert)).ToArray();
                var folded = sent.Where(o => o.Desk == desk && AlertOf(o.Alert, "id").Partition == partition)
                    .OrderBy(o => o.Offset).ThenBy(o => o.Index).Select(o => Encoding.UTF8.GetString(o.Alert)).ToArray();
                if (told.SequenceEqual(folded))
                    continue;
                var at = told.Zip(folded).TakeWhile(p => p.First == p.Second).Count();
                world.Say($"told: {told.ElementAtOrDefault(at)}");
                world.Say($"folded: {folded.ElementAtOrDefault(at)}");
                world.Violate($"desk {desk} heard {told.Length} changes of partition {partition}, by the journal there are {folded.Length}; they part at {at}");
            }

            CheckOpen(desk, sent);
        }
    }

    private void CheckOpen(string desk, Outgoing[] sent)
    {
        var open = sent.Where(o => o.Desk == desk).GroupBy(o => o.AlertId).Select(g => g.MaxBy(o => (o.Offset, o.Index))!)
            .Where(o => !o.IsFinished).Select(o => Encoding.UTF8.GetString(o.Alert)).Order(StringComparer.Ordinal);
        var listed = store.Desks.ReadAlerts(desk, int.MaxValue).Alerts.Select(Encoding.UTF8.GetString).Order(StringComparer.Ordinal);
        if (!open.SequenceEqual(listed))
            world.Violate($"the unfinished alerts of desk {desk} are not those of its customers");
    }

    private void CheckSums()
    {
        foreach (var tenant in new[] { "default", "other" })
        {
            var kept = store.ReadSums(tenant).Select(s => ($"{tenant} {s.Key}", s.Value));
            var added = _sums.Where(s => s.Value != 0 && s.Key.StartsWith(tenant + " ", StringComparison.Ordinal)).Select(s => (s.Key, s.Value));
            if (!kept.SequenceEqual(added))
                world.Violate($"the sums of {tenant} are not those of its rows");
        }
    }

    private static AlertId AlertOf(byte[] utf8, string name)
    {
        using var json = JsonDocument.Parse(utf8);
        return AlertId.TryParse(json.RootElement.GetProperty(name).GetString(), out var id) ? id : new AlertId(-1, -1, -1);
    }

    private void Differ(int partition, long offset, string what) => world.Violate($"{partition}-{offset}: {what}");
}
