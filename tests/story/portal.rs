//! A family registers itself on its own phone and is confirmed at the desk.

use yadori_tests::site::STAFF;
use yadori_tests::visitor::Visitor;

use super::{cards, world};

#[tokio::test(flavor = "multi_thread")]
async fn a_family_registers_itself_and_the_desk_confirms_it() {
    let (mut world, _folder) = world().await;
    world.start().await;
    let phone = Visitor::at(world.sites[0].portal());
    let number = phone.register_oneself("イトウ アヤ", 3).await;
    assert_eq!(number.path, "/number", "{}", number.text);

    let desk = world.sites[0].sign_in(STAFF).await;
    let list = desk.get("/registry/unconfirmed").await;
    assert!(list.text.contains("イトウ アヤ"), "{}", list.text);
    let confirm = list.form("/registry/household/");
    assert_eq!(desk.send(&confirm).await.status, 200);
    assert!(
        !desk
            .get("/registry/unconfirmed")
            .await
            .text
            .contains("イトウ アヤ")
    );
    world.agrees().await;
    assert_eq!(cards(&world).await.len(), 1);
    world.stop().await;
}
