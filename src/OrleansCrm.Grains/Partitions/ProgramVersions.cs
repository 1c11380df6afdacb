using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Grains.Partitions;

/// <summary>
/// The newest program of each tenant in this partition. Versions only rise: two who publish at once, or one who repeats, cannot bring an
/// older program back.
/// </summary>
internal sealed class ProgramVersions
{
    private readonly Dictionary<string, int> _newest = new(StringComparer.Ordinal);

    /// <summary>Notes a publication that is to be journaled.</summary>
    /// <returns>False when it is not newer than what the partition has or is about to have.</returns>
    public bool Take(string type, byte[] payload)
    {
        if (type != EntryTypes.ProgramPublished)
            return true;
        ProgramPublication publication;
        try
        {
            publication = ProgramPublication.Parse(payload);
        }
        catch (ProgramException)
        {
            // Whoever folds it will find it at fault.
            return true;
        }

        if (_newest.TryGetValue(publication.Tenant, out var newest) && publication.Document.Version <= newest)
            return false;
        _newest[publication.Tenant] = publication.Document.Version;
        return true;
    }
}
