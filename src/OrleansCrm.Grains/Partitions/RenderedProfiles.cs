using System.Collections.Concurrent;
using OrleansCrm.Contracts.Partitions;

namespace OrleansCrm.Grains.Partitions;

/// <summary>
/// Profiles as the partitions of this process last rendered them: who asks for the same minute again is answered without a grain call.
/// A partition takes a profile away before it acknowledges the entry that changed the customer, so what is found here says no less than
/// the partition would.
/// </summary>
public sealed class RenderedProfiles
{
    private readonly ConcurrentDictionary<string, RenderedProfile> _profiles = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<int, ProfileShelf> _shelves = new();

    /// <summary>The profile as of this instant; null when the customer's partition has to be asked.</summary>
    /// <param name="askedForMs">What <see cref="LookupRequest.AsOfMs"/> was when it was rendered.</param>
    public LookupResponse? Find(string customer, long askedForMs) =>
        _profiles.TryGetValue(customer, out var profile) && profile.AskedForMs == askedForMs && profile.Shelf.IsOpen ? profile.Answer : null;

    /// <summary>For an activation that owns the partition from now on. One that had it before keeps nothing here any more.</summary>
    internal ProfileShelf OpenShelf(int partition)
    {
        var shelf = new ProfileShelf(_profiles);
        _shelves.AddOrUpdate(partition, shelf, (_, before) =>
        {
            before.Close();
            return shelf;
        });
        return shelf;
    }
}

/// <summary>The rendered profiles of one activation.</summary>
internal sealed class ProfileShelf(ConcurrentDictionary<string, RenderedProfile> profiles)
{
    private volatile bool _isClosed;

    public bool IsOpen => !_isClosed;

    public void Close() => _isClosed = true;

    public RenderedProfile Put(string customer, LookupResponse answer, long askedForMs)
    {
        var profile = new RenderedProfile(this, customer, answer, askedForMs);
        if (IsOpen)
            profiles[customer] = profile;
        return profile;
    }

    public void Remove(RenderedProfile profile) => profiles.TryRemove(new(profile.Customer, profile));

    /// <summary>Whatever is kept of this customer, by whomever.</summary>
    public void Clear(string customer) => profiles.TryRemove(customer, out _);
}

/// <summary>A profile, and where it is kept.</summary>
/// <param name="askedForMs">The instant it was asked for.</param>
internal sealed class RenderedProfile(ProfileShelf shelf, string customer, LookupResponse answer, long askedForMs)
{
    public ProfileShelf Shelf => shelf;

    public string Customer => customer;

    public LookupResponse Answer => answer;

    public long AskedForMs => askedForMs;
}
