using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Grains.Partitions;

namespace OrleansCrm.Grains.Tests.Partitions;

public sealed class RenderedProfilesTests
{
    private const string Ada = "default/user:ada";
    private const long Minute = 60_000;

    private static readonly LookupResponse Answer = new(LookupStatus.Found, 1, Minute, "{}"u8.ToArray());

    private readonly RenderedProfiles _profiles = new();

    [Fact]
    public void Profile_is_found_for_the_instant_it_was_rendered_for_and_no_other()
    {
        _profiles.OpenShelf(0).Put(Ada, Answer, Minute);

        Assert.Same(Answer, _profiles.Find(Ada, Minute));
        Assert.Null(_profiles.Find(Ada, 2 * Minute));
        Assert.Null(_profiles.Find("default/user:bob", Minute));
    }

    [Fact]
    public void Profile_that_a_place_lets_go_is_found_no_more()
    {
        var slot = new CustomerSlot(Ada) { Profile = _profiles.OpenShelf(0).Put(Ada, Answer, Minute) };

        slot.Profile = null;

        Assert.Null(_profiles.Find(Ada, Minute));
    }

    [Fact]
    public void Letting_go_of_an_old_profile_leaves_the_new_one()
    {
        var shelf = _profiles.OpenShelf(0);
        var old = shelf.Put(Ada, Answer, Minute);
        shelf.Put(Ada, Answer, 2 * Minute);

        shelf.Remove(old);

        Assert.Same(Answer, _profiles.Find(Ada, 2 * Minute));
    }

    [Fact]
    public void Activation_that_was_replaced_shows_nothing_any_more()
    {
        var former = _profiles.OpenShelf(0);
        former.Put(Ada, Answer, Minute);

        _profiles.OpenShelf(0);
        Assert.Null(_profiles.Find(Ada, Minute));

        former.Put(Ada, Answer, Minute);
        Assert.Null(_profiles.Find(Ada, Minute));
    }
}
