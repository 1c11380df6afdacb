using OrleansCrm.Contracts.Customers;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Grains.Partitions;

public sealed partial class PartitionGrain
{
    /// <summary>Customers packed between two applies: encoding them takes a millisecond, for which commits and decisions wait.</summary>
    private const int PackMax = 50;

    /// <summary>Looked at in one go for a place to be given up.</summary>
    private const int EvictMax = 10_000;

    /// <summary>However short memory is: a lookup that has waited for a customer to be unpacked must come to read it.</summary>
    private static readonly TimeSpan RestMin = TimeSpan.FromSeconds(1);

    private readonly int _residentMax = PartOf(options.ResidentMax, journal.Identity.Partitions);
    private readonly int _profilesKeptMax = PartOf(options.ProfilesKeptMax, journal.Identity.Partitions);
    private readonly RestingList _unpackedAtRest = new();
    private readonly RestingList _packedAtRest = new();

    /// <summary>Customers whose grain has a state.</summary>
    private int _unpacked;

    /// <summary>Once a tick: a look through all places that finds none to spare must not be repeated with every commit.</summary>
    private bool _mayEvict;

    /// <summary>
    /// Once a tick, while there is room: those who were in the shop together come to rest together, and packed all at once they would be so much
    /// to be moved that collections of garbage hold everybody up.
    /// </summary>
    private bool _mayPack;

    private int UnpackedMax =>
        PartOf(options.UnpackedMaxAmong(_slots.Count * journal.Identity.Partitions), journal.Identity.Partitions);

    private static int PartOf(int all, int partitions) => Math.Max(1, all / partitions);

    private bool IsPackDue =>
        (_mayPack || IsShort(_unpacked)) && _unpackedAtRest.First is { } first && IsAtRestFor(first, RestBeforePacking(_unpacked));

    private bool IsEvictDue => _packedAtRest.First is { } first && (_slots.Count > _residentMax || IsAtRestFor(first, options.ResidentAge));

    private bool IsShort(int unpacked) => unpacked > UnpackedMax || _slots.Count > _residentMax;

    private TimeSpan RestBeforePacking(int unpacked) => IsShort(unpacked) ? RestMin : options.UnpackedAge;

    private bool IsAtRestFor(CustomerSlot slot, TimeSpan age) => time.GetElapsedTime(slot.Since) >= age;

    private ICustomerGrain GrainOf(CustomerSlot slot) => slot.Grain ??= GrainFactory.GetGrain<ICustomerGrain>(slot.Customer);

    /// <summary>From here on the slot has the state, and the grain's is not to be relied on.</summary>
    /// <param name="state">A snapshot, packed or as it is stored.</param>
    private void Pack(CustomerSlot slot, byte[] state)
    {
        if (slot.Snapshot is null)
            _unpacked--;
        (slot.Snapshot, slot.Profile, slot.Grain) = (state, null, null);
        if (slot.List is not null)
            Rest(slot);
    }

    /// <summary>The grain has the state.</summary>
    private void Unpack(CustomerSlot slot)
    {
        if (slot.Snapshot is null)
            return;
        _unpacked++;
        slot.Snapshot = null;
    }

    /// <summary>The partition has no place for it any more. Nothing of it waits to be stored.</summary>
    private void Forget(CustomerSlot slot)
    {
        if (slot.Snapshot is null)
            _unpacked--;
        RestingList.Remove(slot);
        _slots.Remove(slot.Customer);
        if (_isReadingSleepers)
            _forgottenMeanwhile.Add(slot.Customer);
    }

    /// <summary>Nothing of it waits to be stored. One that waits all the same stays where it is until that is done.</summary>
    private void Rest(CustomerSlot slot)
    {
        if (!slot.IsQueued)
            (slot.Snapshot is null ? _unpackedAtRest : _packedAtRest).Add(slot, time.GetTimestamp());
    }

    /// <summary>
    /// A state in use is a few kilobytes of objects, its packed snapshot a few hundred bytes: of customers who rest the partition keeps the latter
    /// and lets their activations go. No apply is under way.
    /// </summary>
    private async Task PackSomeAsync()
    {
        _mayPack = false;
        var slots = new List<CustomerSlot>();
        for (var slot = _unpackedAtRest.First; slot is not null && slots.Count < PackMax; slot = slot.After)
        {
            if (!IsAtRestFor(slot, RestBeforePacking(_unpacked - slots.Count)))
                break;
            slots.Add(slot);
        }

        var states = await SnapshotsAsync([.. slots], leaves: true);
        for (var i = 0; i < states.Length; i++)
            Pack(slots[i], PackedSnapshot.Pack(states[i].State));
        if (IsPackDue)
            Signal();
    }

    /// <summary>Forgets places of customers that are stored, packed and have nothing due; the journal finds them again.</summary>
    private void EvictSlots()
    {
        if (!_mayEvict || !IsEvictDue)
            return;
        _mayEvict = false;
        var soonMs = NowMs + 3 * (long)options.WakeWindow.TotalMilliseconds;
        for (var i = 0; i < EvictMax && IsEvictDue; i++)
        {
            var slot = _packedAtRest.First!;
            if (!_waking.Contains(slot.Customer)
                && (slot.NextWakeMs == 0 || slot.NextWakeMs > soonMs || (!slot.IsArmed && _imports.IsRunning(slot.Import))))
            {
                Forget(slot);
            }
            else
            {
                Rest(slot);
            }
        }
    }
}
