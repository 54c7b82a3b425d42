using LoadGenerator.Peers;

namespace LoadGenerator;

/// <summary>The publishers of this run, by room and by the id that the server tells. Used on the loop's thread.</summary>
internal sealed class PublisherDirectory
{
    private readonly Dictionary<(int Room, ulong Id), PublisherPeer> _publishers = [];

    public void Add(int room, ulong id, PublisherPeer publisher) => _publishers.Add((room, id), publisher);

    public void Remove(int room, ulong id) => _publishers.Remove((room, id));

    public PublisherPeer? Find(int room, ulong id) => _publishers.GetValueOrDefault((room, id));
}
