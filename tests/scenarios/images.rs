//! Images that take long, that do not exist, and that are not for everybody: `spec.images` of the Simulation.

use expect_test::expect;
use kubestep_core::simulation;
use kubestep_tests::Story;

fn pod(image: &str, spec: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  nodeName: node-1\n{spec}  containers:\n  - name: web\n    \
         image: {image}\n"
    )
}

fn with_images(images: &str, manifests: &str) -> String {
    format!(
        "apiVersion: kubestep.dev/v1alpha1\nkind: Simulation\nspec:\n  images: {images}\n---\n{manifests}"
    )
}

/// What `kubectl describe` says of web's Events: the counts and messages.
fn events(story: &mut Story) -> String {
    story.prints("get events -o custom-columns=TYPE:.type,REASON:.reason,COUNT:.count,MESSAGE:.message")
}

#[test]
fn an_image_may_take_longer_than_others() {
    let images = "{nginx:1.27: {pull: 8s}, nginx: {pull: 3s}}";
    let mut story = Story::of(&with_images(images, &pod("nginx:1.27", "")));
    expect![[r#"
        TYPE     REASON    COUNT   MESSAGE
        Normal   Pulling   1       Pulling image "nginx:1.27"
        Normal   Pulled    1       Successfully pulled image "nginx:1.27" in 8s (8s including waiting). Image size: 121690846 bytes.
        Normal   Created   1       Container created
        Normal   Started   1       Container started
    "#]].assert_eq(&events(&mut story));
    let mut story = Story::of(&with_images(images, &pod("nginx:1.26", "")));
    expect![[r#"
        TYPE     REASON    COUNT   MESSAGE
        Normal   Pulling   1       Pulling image "nginx:1.26"
        Normal   Pulled    1       Successfully pulled image "nginx:1.26" in 3s (3s including waiting). Image size: 67505594 bytes.
        Normal   Created   1       Container created
        Normal   Started   1       Container started
    "#]].assert_eq(&events(&mut story));
}

#[test]
fn an_image_that_is_missing_is_tried_again_after_a_back_off() {
    let mut story = Story::of(&with_images("{shop/web: {missing: true}}", &pod("shop/web:2", "")));
    story.run("sim wait 40s");
    let pods = story.prints("get pods");
    expect![[r#"
        NAME   READY   STATUS             RESTARTS   AGE
        web    0/1     ImagePullBackOff   0          42s
    "#]]
    .assert_eq(&pods);
    expect![[r#"
        TYPE      REASON    COUNT   MESSAGE
        Normal    Pulling   3       Pulling image "shop/web:2"
        Warning   Failed    3       Failed to pull image "shop/web:2": rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/shop/web:2": failed to resolve reference "docker.io/shop/web:2": docker.io/shop/web:2: not found
        Warning   Failed    3       Error: ErrImagePull
        Normal    BackOff   2       Back-off pulling image "shop/web:2"
        Warning   Failed    2       Error: ImagePullBackOff
    "#]].assert_eq(&events(&mut story));
}

#[test]
fn a_private_registry_opens_to_pods_with_a_pull_secret() {
    let images = "{shop.example.com/*: {private: true}}";
    let secret = "  imagePullSecrets: [{name: shop}]\n";
    let mut story = Story::of(&with_images(images, &pod("shop.example.com/web:1", secret)));
    expect![[r#"
        TYPE      REASON                            COUNT   MESSAGE
        Warning   FailedToRetrieveImagePullSecret   2       Unable to retrieve some image pull secrets (shop); attempting to pull the image may not succeed.
        Normal    Pulling                           1       Pulling image "shop.example.com/web:1"
        Warning   Failed                            1       Failed to pull image "shop.example.com/web:1": failed to pull and unpack image "shop.example.com/web:1": failed to resolve reference "shop.example.com/web:1": pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials
        Warning   Failed                            1       Error: ErrImagePull
        Normal    BackOff                           1       Back-off pulling image "shop.example.com/web:1"
        Warning   Failed                            1       Error: ImagePullBackOff
    "#]].assert_eq(&events(&mut story));
    story.run(
        "create secret docker-registry shop --docker-server=shop.example.com --docker-username=me --docker-password=x",
    );
    story.run("sim wait 30s");
    let pods = story.prints("get pods");
    expect![[r#"
        NAME   READY   STATUS    RESTARTS   AGE
        web    1/1     Running   0          31s
    "#]]
    .assert_eq(&pods);
}

#[test]
fn pods_without_a_pull_secret_get_those_of_their_account() {
    let images = "{shop.example.com/*: {private: true}}";
    let account =
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: buyer}\nimagePullSecrets: [{name: shop}]\n";
    let pods = pod("shop.example.com/web:1", "  serviceAccountName: buyer\n");
    let mut story = Story::of(&with_images(images, &format!("{account}---\n{pods}")));
    story.run(
        "create secret docker-registry shop --docker-server=shop.example.com --docker-username=me --docker-password=x",
    );
    story.run("sim wait 30s");
    let told = story.prints("get pod web -o jsonpath={.spec.imagePullSecrets[*].name}|{.status.phase}");
    assert_eq!(told, "shop|Running");
    // What a pod says itself stays, and what becomes of the account later changes no pod.
    story.apply(
        &pod("shop.example.com/web:1", "  serviceAccountName: buyer\n  imagePullSecrets: [{name: own}]\n")
            .replace("name: web}", "name: own}"),
    );
    story.run("patch sa buyer -p '{\"imagePullSecrets\":[{\"name\":\"other\"}]}'");
    story.apply(&pod("nginx:1", "  serviceAccountName: buyer\n").replace("name: web}", "name: late}"));
    let told =
        story.prints("get pods -o custom-columns=NAME:.metadata.name,SECRETS:.spec.imagePullSecrets[*].name");
    expect![[r#"
        NAME   SECRETS
        late   shop,other
        own    own
        web    shop
    "#]]
    .assert_eq(&told);
}

#[test]
fn the_default_account_of_a_namespace_is_for_pods_that_name_none() {
    let account =
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: default}\nimagePullSecrets: [{name: shop}]\n";
    let mut story = Story::of(account);
    let web = kubestep_tests::manifests::web(2, "", "");
    story.apply(&web);
    let told = story.prints("get pods -o custom-columns=SECRETS:.spec.imagePullSecrets[*].name --no-headers");
    assert_eq!(told, "shop\nshop\n");
    story.run(
        "patch serviceaccount default -p '{\"imagePullSecrets\":[{\"name\":\"hub\"},{\"name\":\"shop\"}]}'",
    );
    story.run("scale deploy web --replicas=3");
    let told = story.prints("get pods -o custom-columns=SECRETS:.spec.imagePullSecrets[*].name --no-headers");
    expect![[r#"
        shop
        shop
        shop,hub
    "#]]
    .assert_eq(&told);
}

#[test]
fn what_was_pulled_with_a_password_is_not_for_pods_without() {
    let images = "{shop.example.com/*: {private: true}}";
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: shop}\ntype: kubernetes.io/dockerconfigjson\nstringData: \
                  {.dockerconfigjson: '{\"auths\":{\"shop.example.com\":{\"auth\":\"bWU6eA==\"}}}'}\n";
    let first = pod("shop.example.com/web:1", "  imagePullSecrets: [{name: shop}]\n");
    let mut story = Story::of(&with_images(images, &format!("{secret}---\n{first}")));
    let second = pod("shop.example.com/web:1", "").replace("name: web}", "name: other}");
    story.apply(&second);
    let pods = story.prints("get pods");
    expect![[r#"
        NAME    READY   STATUS         RESTARTS   AGE
        other   0/1     ErrImagePull   0          1s
        web     1/1     Running        0          2s
    "#]]
    .assert_eq(&pods);
}

#[test]
fn what_cannot_be_read_is_said_at_its_line() {
    let text =
        with_images("\n    nginx: {pul: 3s}\n    NOT A NAME: {private: true}\n    web: {pull: soon}", "");
    let told: Vec<(u32, String)> =
        simulation::read(&text).diagnostics.into_iter().map(|found| (found.line, found.message)).collect();
    expect![[r#"
        [
            (
                5,
                "unknown field \"spec.images[nginx].pul\": did you mean \"pull\"?",
            ),
            (
                6,
                "couldn't parse image name \"NOT A NAME\": invalid reference format: repository name (library/NOT A NAME) must be lowercase",
            ),
            (
                7,
                "a latency is a duration: 250ms, 1.5s",
            ),
        ]
    "#]].assert_debug_eq(&told);
}
