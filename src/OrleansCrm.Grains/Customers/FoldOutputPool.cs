using System.Collections.Concurrent;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Grains.Customers;

/// <summary>Outputs of folds, to be used again. One for each of a million grains would hold what its customer's last entry said.</summary>
public sealed class FoldOutputPool
{
    private readonly ConcurrentBag<FoldOutput> _spare = [];

    public FoldOutput Rent() => _spare.TryTake(out var output) ? output : new FoldOutput();

    /// <summary>What a fold that failed had is not given back; there are never more than calls under way at once.</summary>
    public void Return(FoldOutput output)
    {
        output.Clear();
        _spare.Add(output);
    }
}
